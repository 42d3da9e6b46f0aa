/** 0.314 → `31 %`, 0.0021 → `0.2 %`. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0 || value >= 9.95) return `${Math.round(value)} %`;
  return value < 0.05 ? '<0.1 %' : `${value.toFixed(1)} %`;
}
