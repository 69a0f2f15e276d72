// Every operation of the JSON API, by the name that it has in routes.ts after `api.`.
import type { ApiRouteName } from '../routes.ts';
import { accountOperations } from './accounts.ts';
import { authenticatorOperations } from './authenticator.ts';
import { caseOperations } from './cases.ts';
import { humanCheckOperations } from './human-checks.ts';
import { linkOperations } from './links.ts';
import type { Operation } from './operation.ts';
import { ownAccountOperations } from './own-account.ts';
import { ownSessionOperations } from './own-sessions.ts';
import { recoveryOperations } from './recoveries.ts';
import { sessionOperations } from './sessions.ts';

export type OperationName = ApiRouteName extends `api.${infer Name}` ? Name : never;

export const operations = {
  ...humanCheckOperations,
  ...recoveryOperations,
  ...linkOperations,
  ...accountOperations,
  ...sessionOperations,
  ...ownSessionOperations,
  ...ownAccountOperations,
  ...authenticatorOperations,
  ...caseOperations,
} satisfies Readonly<Record<OperationName, Operation>>;

export type Operations = typeof operations;

export const isOperation = (name: string): name is OperationName => Object.hasOwn(operations, name);
