// What the shop sells, and what each demo account has: the walk is only done when a person is back at *their* orders.
import type { Language, WordKey } from './words.ts';

export type ProductName = 'cup' | 'bowl' | 'plate' | 'jug' | 'vase' | 'teapot';

export const prices: Readonly<Record<ProductName, number>> = {
  cup: 1_800,
  bowl: 2_400,
  plate: 2_900,
  jug: 4_200,
  vase: 5_600,
  teapot: 6_400,
};

export interface Order {
  readonly id: string;
  readonly at: number;
  readonly state: 'preparing' | 'on-its-way' | 'delivered';
  /** Number of the parcel while it is on its way. */
  readonly parcel?: string;
  readonly lines: readonly (readonly [product: ProductName, quantity: number])[];
}

export interface Coupon {
  readonly code: string;
  readonly words: Extract<WordKey, `coupon.${string}`>;
  readonly until: number;
}

export interface Customer {
  readonly userId: string;
  readonly address: string;
  readonly language: Language;
  readonly orders: readonly Order[];
  readonly coupons: readonly Coupon[];
}

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

/** The accounts of a fresh demo. The last two share one address: recovery by email asks which of them is meant. */
export const customers: readonly Customer[] = [
  {
    userId: 'lucia',
    address: 'lucia@correo.example',
    language: 'es',
    orders: [
      {
        id: 'A-1042',
        at: day('2026-11-12'),
        state: 'on-its-way',
        parcel: 'ES 4471 9023',
        lines: [
          ['teapot', 1],
          ['cup', 2],
        ],
      },
      { id: 'A-0917', at: day('2026-09-03'), state: 'delivered', lines: [['bowl', 4]] },
    ],
    coupons: [{ code: 'HOLA-10', words: 'coupon.welcome', until: day('2027-01-31') }],
  },
  {
    userId: 'ramon',
    address: 'ramon@correo.example',
    language: 'es',
    orders: [
      { id: 'A-1038', at: day('2026-11-10'), state: 'preparing', lines: [['vase', 1]] },
      { id: 'A-0871', at: day('2026-08-14'), state: 'delivered', lines: [['plate', 6]] },
      {
        id: 'A-0533',
        at: day('2026-04-22'),
        state: 'delivered',
        lines: [
          ['jug', 1],
          ['cup', 6],
        ],
      },
    ],
    coupons: [
      { code: 'ENVIO-0', words: 'coupon.delivery', until: day('2026-12-31') },
      { code: 'TAZA-2', words: 'coupon.second', until: day('2027-02-28') },
    ],
  },
  {
    userId: 'aisha',
    address: 'aisha@mail.example',
    language: 'en',
    orders: [
      {
        id: 'A-1047',
        at: day('2026-11-15'),
        state: 'on-its-way',
        parcel: 'GB 2208 6154',
        lines: [
          ['bowl', 2],
          ['plate', 2],
        ],
      },
    ],
    coupons: [{ code: 'TAZA-2', words: 'coupon.second', until: day('2027-02-28') }],
  },
  {
    userId: 'mark',
    address: 'mark@mail.example',
    language: 'en',
    orders: [
      { id: 'A-1009', at: day('2026-10-29'), state: 'delivered', lines: [['cup', 1]] },
      {
        id: 'A-0764',
        at: day('2026-07-05'),
        state: 'delivered',
        lines: [
          ['jug', 2],
          ['bowl', 1],
        ],
      },
    ],
    coupons: [],
  },
  {
    userId: 'vega-casa',
    address: 'vega@correo.example',
    language: 'es',
    orders: [
      {
        id: 'A-0995',
        at: day('2026-10-21'),
        state: 'delivered',
        lines: [
          ['plate', 4],
          ['cup', 4],
        ],
      },
    ],
    coupons: [],
  },
  {
    userId: 'vega-taller',
    address: 'vega@correo.example',
    language: 'es',
    orders: [
      { id: 'A-1051', at: day('2026-11-17'), state: 'on-its-way', parcel: 'ES 4471 9388', lines: [['vase', 3]] },
    ],
    coupons: [{ code: 'HOLA-10', words: 'coupon.welcome', until: day('2027-01-31') }],
  },
];

/** What a person has here; nothing yet for an account that signed up by itself. */
export const belongings = (userId: string): Pick<Customer, 'orders' | 'coupons'> =>
  customers.find((customer) => customer.userId === userId) ?? { orders: [], coupons: [] };

export const totalOf = ({ lines }: Order): number =>
  lines.reduce((sum, [product, quantity]) => sum + prices[product] * quantity, 0);
