import type { DialplanInput } from '../../../../probes/asterisk/dialplan/input.ts';

/** Three trunks, two classes, one emergency number: an input that renders. */
export function exampleInput(): DialplanInput {
  return {
    trunks: [
      {
        trunk: 'alpha',
        endpoint: 'alpha',
        edges: [{ edge: 'e1', dialUri: 'sip:{number}@10.0.1.10:5060' }],
        numberTemplate: '+{e164}',
        callerId: { rule: 'pass' },
        dialTimeoutS: 30,
      },
      {
        trunk: 'beta',
        endpoint: 'beta-endpoint',
        edges: [{ edge: 'e1' }],
        numberTemplate: '00{e164}',
        callerId: { rule: 'fixed', number: '+4930555000' },
        dialTimeoutS: 20,
      },
      {
        trunk: 'gamma',
        endpoint: 'gamma',
        edges: [
          { edge: 'e1', dialUri: 'sip:{number}@10.0.3.1' },
          { edge: 'e2', dialUri: 'sip:{number}@[2001:db8::3]:5061;transport=tls' },
        ],
        numberTemplate: '9711#{e164}',
        callerId: { rule: 'pass' },
        dialTimeoutS: 30,
      },
    ],
    classes: [
      { class: 'national', prefixes: ['49'], trunks: ['alpha', 'beta'] },
      { class: 'mobile', prefixes: ['4915', '4916'], trunks: ['gamma'] },
    ],
    emergency: { numbers: ['112'], trunks: ['beta', 'alpha'] },
    dialRules: [
      { prefix: '00', strip: 2, prepend: '' },
      { prefix: '+', strip: 1, prepend: '' },
      { prefix: '0', strip: 1, prepend: '49' },
    ],
  };
}
