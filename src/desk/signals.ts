// Signs that somebody plays with the desk: pure, over counted facts. A sign decides nothing; it says where to look twice.

/** Counted over the last thirty days, but where it says otherwise. */
export interface SignalFacts {
  /** Cases that name the account, or one of its emails; this one too. */
  readonly casesAboutAccount: number;
  /** Different contacts in these. */
  readonly contactsAboutAccount: number;
  /** Different accounts that cases with the contact of this one name. */
  readonly accountsOfContact: number;
  /** Proofs shown in the last day. */
  readonly proofsTried: number;
  /** Messages of the person in the last hour. */
  readonly messagesInHour: number;
  /** Different words of haste or threat in what the person wrote. */
  readonly pressingWords: number;
  /** Of the agent who approved a release of this case: approvals in the last seven days. */
  readonly approvalsOfAgent: number;
}

export const signalNames = ['probing', 'contacts', 'contact-spread', 'guessing', 'urgency', 'approvals'] as const;
export type SignalName = (typeof signalNames)[number];

export interface Signal {
  readonly name: SignalName;
  readonly count: number;
}

/** From how many on each is a sign. */
export const signalsFrom = {
  probing: 3,
  contacts: 2,
  'contact-spread': 3,
  guessing: 6,
  urgency: 3,
  approvals: 10,
} as const satisfies Record<SignalName, number>;

export function signalsOf(facts: SignalFacts): readonly Signal[] {
  const counts: Readonly<Record<SignalName, number>> = {
    probing: facts.casesAboutAccount,
    contacts: facts.contactsAboutAccount,
    'contact-spread': facts.accountsOfContact,
    guessing: facts.proofsTried,
    // One hurried word is honest fear; words and messages together are pressure.
    urgency: facts.messagesInHour + facts.pressingWords,
    approvals: facts.approvalsOfAgent,
  };
  return signalNames.filter((name) => counts[name] >= signalsFrom[name]).map((name) => ({ name, count: counts[name] }));
}

/** In both languages, as nobody says in which somebody presses. */
const pressing = [
  'urgent',
  'urgently',
  'immediately',
  'right now',
  'right away',
  'asap',
  'emergency',
  'hurry',
  'lawyer',
  'sue',
  'fired',
  'manager',
  'urgente',
  'urgentemente',
  'inmediatamente',
  'ahora mismo',
  'ya mismo',
  'cuanto antes',
  'emergencia',
  'prisa',
  'abogado',
  'abogada',
  'denuncia',
  'jefe',
];

/** How many different ones there are, as whole words, however they are written. */
export function pressingWordsIn(text: string): number {
  const plain = ` ${text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')} `;
  return pressing.filter((word) => plain.includes(` ${word} `)).length;
}
