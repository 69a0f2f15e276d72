// The operator's log: structured lines. Codes, tokens and passwords never reach it; addresses only masked.
import { pino } from 'pino';

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export const createLog = (level: 'info' | 'warn' | 'silent'): Log => pino({ level, base: null });

/** `maria@example.com` as `m***@example.com`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '***' : `${address.slice(0, 1)}***${address.slice(at)}`;
}
