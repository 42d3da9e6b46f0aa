import { describe, expect, it } from 'vitest';
import type { AmiListResponse, AmiResponse } from '../../../../probes/asterisk/ami/ami-contract.ts';
import type { AmiPacket } from '../../../../probes/asterisk/ami/ami-packet.ts';
import { fetchChannels } from '../../../../probes/asterisk/calls/channels-client.ts';

const CHANNEL: AmiPacket = { headers: [['Uniqueid', '1795500500.2']], wireBytes: 0 };

/** An Asterisk that answers the n-th question with the n-th of these lists and counts, and with the last from then on. */
function answering(lists: readonly (readonly AmiPacket[] | 'denied')[], counts: readonly string[]) {
  const asked: string[] = [];
  const packet = (headers: AmiPacket['headers']): AmiPacket => ({ headers, wireBytes: 0 });
  const nth = <Value>(values: readonly Value[], name: string): Value => {
    const value = values[Math.min(asked.filter((each) => each === name).length, values.length) - 1];
    if (value === undefined) throw new Error(`nothing to answer ${name} with`);
    return value;
  };
  return {
    asked,
    listAction: ({ name }: { readonly name: string }): Promise<AmiListResponse> => {
      asked.push(name);
      const items = nth(lists, name);
      const isSuccess = items !== 'denied';
      return Promise.resolve({ isSuccess, message: '', packet: packet([]), items: isSuccess ? items : [] });
    },
    action: ({ name }: { readonly name: string }): Promise<AmiResponse> => {
      asked.push(name);
      return Promise.resolve({
        isSuccess: true,
        message: '',
        packet: packet([['CoreCurrentCalls', nth(counts, name)]]),
      });
    },
  };
}

describe('the channels of an Asterisk', () => {
  it('are what it lists, without a further question', async () => {
    const ami = answering([[CHANNEL]], ['1']);
    expect(await fetchChannels(ami)).toEqual([CHANNEL]);
    expect(ami.asked).toEqual(['CoreShowChannels']);
  });

  it('are none where it lists none and counts no call', async () => {
    expect(await fetchChannels(answering([[]], ['0']))).toEqual([]);
  });

  it('are asked for again where a call began between list and count', async () => {
    expect(await fetchChannels(answering([[], [CHANNEL]], ['1']))).toEqual([CHANNEL]);
  });

  it('are unknown where an empty list and the count never agree, or where it may not be asked (rule 2)', async () => {
    const ami = answering([[]], ['2']);
    expect(await fetchChannels(ami)).toBeUndefined();
    expect(ami.asked).toHaveLength(6);
    expect(await fetchChannels(answering(['denied'], ['0']))).toBeUndefined();
  });
});
