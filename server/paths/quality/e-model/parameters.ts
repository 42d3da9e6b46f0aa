/**
 * Input parameters of the narrow-band E-model with the names of the Recommendation in their docstrings. Loudness ratings,
 * noise and echo loss in dB, dBm0p or dBmp; delays in milliseconds.
 *
 * @see ITU-T G.107 §7, tables 2 and 3 (default values and permitted ranges).
 */
export type EModelParameters = {
  /** SLR, send loudness rating. */
  readonly slrDb: number;
  /** RLR, receive loudness rating. */
  readonly rlrDb: number;
  /** STMR, sidetone masking rating. */
  readonly stmrDb: number;
  /** LSTR, listener sidetone rating. */
  readonly lstrDb: number;
  /** Ds, D-value of the telephone at the send side. */
  readonly dsDb: number;
  /** TELR, talker echo loudness rating. */
  readonly telrDb: number;
  /** WEPL, weighted echo path loss. */
  readonly weplDb: number;
  /** T, mean one-way delay of the echo path. */
  readonly echoDelayMs: number;
  /** Tr, round-trip delay in a 4-wire loop. */
  readonly roundTripDelayMs: number;
  /** Ta, absolute delay in echo-free connections. */
  readonly absoluteDelayMs: number;
  /** sT and mT, the delay sensitivity class. */
  readonly delaySensitivity: number;
  readonly minimumPerceivableDelayMs: number;
  /** qdu, number of quantization distortion units. */
  readonly quantizationUnits: number;
  /** Ie, equipment impairment factor. */
  readonly ie: number;
  /** Bpl, packet-loss robustness factor. */
  readonly bpl: number;
  /** Ppl, packet-loss probability in percent, jitter-buffer discards included. */
  readonly lossPercent: number;
  /** BurstR, burst ratio: 1 for random loss. */
  readonly burstRatio: number;
  /** Nc, circuit noise referred to the 0 dBr point. */
  readonly circuitNoiseDbm0p: number;
  /** Nfor, noise floor at the receive side. */
  readonly noiseFloorDbmp: number;
  /** Ps and Pr, room noise at the send and receive side, dB(A). */
  readonly sendRoomNoiseDba: number;
  readonly receiveRoomNoiseDba: number;
  /** A, advantage factor. Trunkward never sets it: nobody expects less of a telephone because it is a trunk. */
  readonly advantage: number;
};

/** Default values of table 2 and table 3; with them R = 93.2062. */
export const E_MODEL_DEFAULTS: EModelParameters = {
  slrDb: 8,
  rlrDb: 2,
  stmrDb: 15,
  lstrDb: 18,
  dsDb: 3,
  telrDb: 65,
  weplDb: 110,
  echoDelayMs: 0,
  roundTripDelayMs: 0,
  absoluteDelayMs: 0,
  delaySensitivity: 1,
  minimumPerceivableDelayMs: 100,
  quantizationUnits: 1,
  ie: 0,
  bpl: 4.3,
  lossPercent: 0,
  burstRatio: 1,
  circuitNoiseDbm0p: -70,
  noiseFloorDbmp: -64,
  sendRoomNoiseDba: 35,
  receiveRoomNoiseDba: 35,
  advantage: 0,
};
