import { describe, expect, it } from 'vitest';
import { upperTail } from '../../../server/correlate/binomial-tail.ts';
import { logBeta, logGamma } from '../../../server/correlate/log-beta.ts';

describe('logGamma', () => {
  it('gives factorials and the half-integer value √π', () => {
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(5)).toBeCloseTo(Math.log(24), 12);
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
    expect(logGamma(0.1)).toBeCloseTo(2.252712651734206, 12);
  });

  it('keeps nine digits at a million, against Stirling with two terms', () => {
    const x = 1e6;
    const stirling = (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x);
    expect(logGamma(x) / stirling).toBeCloseTo(1, 12);
  });

  it('is not a number at zero and below', () => {
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(-1.5)).toBeNaN();
  });
});

describe('logBeta', () => {
  it('agrees with B(2, 3) = 1/12', () => {
    expect(logBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 12);
  });
});

describe('upperTail', () => {
  it('agrees with sums made by hand: 3 of 4 or more at one half is 5/16', () => {
    expect(upperTail(3, 4, 0.5)).toBeCloseTo(5 / 16, 12);
  });

  it('is one for no hits and zero beyond the trials', () => {
    expect(upperTail(0, 10, 0.005)).toBe(1);
    expect(upperTail(3, 2, 0.5)).toBe(0);
  });

  it('stays exact far in the tail: 3 of 3 at 0.5 % is 1.25e-7', () => {
    expect(upperTail(3, 3, 0.005)).toBeCloseTo(1.25e-7, 15);
  });
});
