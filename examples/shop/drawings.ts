// The shop's pictures, drawn: nothing is fetched from anywhere. They say nothing that the words beside them do not.
import { raw } from 'hono/html';
import type { ProductName } from './stock.ts';

const drawing = (viewBox: string, shapes: string) =>
  raw(`<svg viewBox="${viewBox}" aria-hidden="true" focusable="false">${shapes}</svg>`);

const product = (shapes: string) =>
  drawing('0 0 200 150', `<ellipse cx="100" cy="132" rx="66" ry="7" fill="#000" opacity=".12"/>${shapes}`);

export const drawings: Readonly<Record<ProductName, ReturnType<typeof raw>>> = {
  cup: product(
    '<path d="M133 66c34-8 38 40-4 42" fill="none" stroke="#c9714a" stroke-width="9"/><path d="M62 52h76v46a32 32 0 0 1-32 32H94a32 32 0 0 1-32-32z" fill="#c9714a"/><path d="M62 52h76v16c-10 9-18-2-27 5s-17-4-26 3-15-2-23 0z" fill="#f6e7d3"/><ellipse cx="100" cy="52" rx="38" ry="8" fill="#8e4527"/>',
  ),
  bowl: product(
    '<path d="M40 66h120c0 36-26 64-60 64S40 102 40 66z" fill="#6d8b84"/><path d="M43 84h114c-1 6-3 11-5 16H48c-2-5-4-10-5-16z" fill="#8fb0a8"/><ellipse cx="100" cy="66" rx="60" ry="13" fill="#48645e"/>',
  ),
  plate: product(
    '<circle cx="100" cy="74" r="58" fill="#e9d7bd"/><circle cx="100" cy="74" r="58" fill="none" stroke="#b98a5a" stroke-width="5"/><circle cx="100" cy="74" r="37" fill="#f7ecdc"/><path d="M100 46v56M72 74h56M80 54l40 40M120 54l-40 40" stroke="#b98a5a" stroke-width="3" stroke-linecap="round"/>',
  ),
  jug: product(
    '<path d="M128 44c34-6 36 52 2 58" fill="none" stroke="#3f6a8a" stroke-width="9"/><path d="M72 26 58 34l14 8c2 22-14 36-14 58 0 18 14 30 42 30s42-12 42-30c0-22-16-36-14-58V26z" fill="#4f81a6"/><path d="M60 88c26 12 54 12 80 0 2 6 2 10 2 14-26 12-58 12-84 0 0-4 1-9 2-14z" fill="#dbe8ef"/><ellipse cx="100" cy="27" rx="28" ry="6" fill="#2f5069"/>',
  ),
  vase: product(
    '<path d="M100 34C96 16 108 8 116 4m-16 30c-2-14-12-20-20-22" fill="none" stroke="#6b7d4a" stroke-width="4" stroke-linecap="round"/><circle cx="118" cy="6" r="5" fill="#d9a441"/><circle cx="78" cy="11" r="5" fill="#d9a441"/><path d="M86 32h28c-2 18 22 34 22 62 0 22-14 36-36 36s-36-14-36-36c0-28 24-44 22-62z" fill="#b9a3b8"/><path d="M65 88c22 8 48 8 70 0 1 8 1 12 0 18-22 8-48 8-70 0-1-6-1-10 0-18z" fill="#8d7390"/>',
  ),
  teapot: product(
    '<path d="M140 80c18-2 18-22 34-24l-6 14c-6 18-14 34-30 34z" fill="#a8873f"/><path d="M62 68c-34-6-36 40-2 44" fill="none" stroke="#a8873f" stroke-width="9"/><path d="M56 92c0-24 20-40 44-40s44 16 44 40c0 22-16 38-44 38S56 114 56 92z" fill="#c5a253"/><path d="M72 60c8-8 48-8 56 0-10 8-46 8-56 0z" fill="#8a6c2c"/><circle cx="100" cy="46" r="7" fill="#8a6c2c"/>',
  ),
};

/** The mark beside the shop's name. */
export const mark = drawing(
  '0 0 32 32',
  '<path d="M10 4h12c-1 6 6 9 6 16a8 8 0 0 1-8 8h-8a8 8 0 0 1-8-8c0-7 7-10 6-16z" fill="currentColor"/><path d="M5 17c7 4 15 4 22 0" fill="none" stroke="#fff" stroke-width="2.5"/>',
);

export const homeIcon = drawing(
  '0 0 24 24',
  '<path d="m3 11 9-8 9 8v9a1 1 0 0 1-1 1h-5v-6H9v6H4a1 1 0 0 1-1-1z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>',
);

export const personIcon = drawing(
  '0 0 24 24',
  '<circle cx="12" cy="8" r="4.5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M4 21c0-5 3.5-7 8-7s8 2 8 7" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>',
);
