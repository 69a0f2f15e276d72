// Every route: its method, path, who may use it and which limit bounds it. Links are built from this table, and the
// server takes its handlers by these names, so that none is missing and none is unlisted.
import type { LimitName } from '../limits/limits.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the base path. */
  readonly path: string;
  /**
   * Who gets an answer: anyone, a browser with a recovery, a sign-up or half a sign-in of its own or that follows a case, a
   * signed-in person, or an agent of the support desk: any, one who may act (no auditor), a lead, or a
   * lead or auditor.
   */
  readonly audience: 'anyone' | 'recovering' | 'signing-up' | 'signing-in' | 'following' | 'signed-in' | AgentAudience;
  /** The limit that bounds what a request costs us or the people we write to. */
  readonly limit?: LimitName;
  /** A page asks by itself, while nobody may be there: it keeps no session alive. */
  readonly isWatching?: true;
}

export type AgentAudience = 'agent' | 'acting-agent' | 'lead' | 'lead-or-auditor';

export const routes = {
  'sign-in': { method: 'GET', path: '/sign-in', audience: 'anyone' },
  'sign-in.send': { method: 'POST', path: '/sign-in', audience: 'anyone', limit: 'sign-in-source' },
  'second-factor': { method: 'GET', path: '/sign-in/second-factor', audience: 'signing-in' },
  'second-factor.send': {
    method: 'POST',
    path: '/sign-in/second-factor',
    audience: 'signing-in',
    limit: 'second-factor',
  },
  authenticator: { method: 'GET', path: '/account/authenticator', audience: 'signed-in' },
  'authenticator.send': { method: 'POST', path: '/account/authenticator', audience: 'signed-in' },
  'authenticator.set-up': { method: 'GET', path: '/account/authenticator/set-up', audience: 'signed-in' },
  'authenticator.set-up.send': { method: 'POST', path: '/account/authenticator/set-up', audience: 'signed-in' },
  // Reload and the other language ask for the page that answered a form by its path.
  'authenticator.change': { method: 'GET', path: '/account/authenticator/change', audience: 'signed-in' },
  'authenticator.change.send': {
    method: 'POST',
    path: '/account/authenticator/change',
    audience: 'signed-in',
    limit: 'second-factor',
  },
  'sign-out.send': { method: 'POST', path: '/sign-out', audience: 'signed-in' },
  'sign-up': { method: 'GET', path: '/sign-up', audience: 'anyone' },
  'sign-up.send': { method: 'POST', path: '/sign-up', audience: 'anyone', limit: 'sign-up-start' },
  'sign-up.code': { method: 'GET', path: '/sign-up/code', audience: 'signing-up' },
  'sign-up.code.send': { method: 'POST', path: '/sign-up/code', audience: 'signing-up', limit: 'code-try' },
  // Reload and the other language ask for the page that answered a form by its path.
  'sign-up.again': { method: 'GET', path: '/sign-up/code/again', audience: 'signing-up' },
  'sign-up.again.send': { method: 'POST', path: '/sign-up/code/again', audience: 'signing-up' },
  'sign-up.user-id': { method: 'GET', path: '/sign-up/user-id', audience: 'signing-up' },
  'sign-up.user-id.send': {
    method: 'POST',
    path: '/sign-up/user-id',
    audience: 'signing-up',
    limit: 'sign-up-start',
  },
  'sign-up.link': { method: 'GET', path: '/sign-up/link/:token', audience: 'anyone' },
  'sign-up.link.send': { method: 'POST', path: '/sign-up/link/:token', audience: 'anyone', limit: 'code-try' },
  'sign-up.password': { method: 'GET', path: '/sign-up/password', audience: 'signing-up' },
  'sign-up.password.send': { method: 'POST', path: '/sign-up/password', audience: 'signing-up' },
  account: { method: 'GET', path: '/account', audience: 'signed-in' },
  addresses: { method: 'GET', path: '/account/addresses', audience: 'signed-in' },
  'addresses.send': { method: 'POST', path: '/account/addresses', audience: 'signed-in', limit: 'address-add' },
  'addresses.code': { method: 'GET', path: '/account/addresses/code', audience: 'signed-in' },
  'addresses.code.send': {
    method: 'POST',
    path: '/account/addresses/code',
    audience: 'signed-in',
    limit: 'code-try',
  },
  'addresses.again': { method: 'GET', path: '/account/addresses/code/again', audience: 'signed-in' },
  'addresses.again.send': { method: 'POST', path: '/account/addresses/code/again', audience: 'signed-in' },
  'addresses.remove': { method: 'GET', path: '/account/addresses/remove/:address', audience: 'signed-in' },
  'addresses.remove.send': { method: 'POST', path: '/account/addresses/remove/:address', audience: 'signed-in' },
  sessions: { method: 'GET', path: '/account/sessions', audience: 'signed-in' },
  'sessions.send': { method: 'POST', path: '/account/sessions', audience: 'signed-in' },
  recover: { method: 'GET', path: '/recover', audience: 'anyone' },
  'recover.send': { method: 'POST', path: '/recover', audience: 'anyone', limit: 'recovery-start' },
  'recover.method': { method: 'GET', path: '/recover/method', audience: 'recovering' },
  'recover.method.send': { method: 'POST', path: '/recover/method', audience: 'recovering' },
  'recover.code': { method: 'GET', path: '/recover/code', audience: 'recovering' },
  'recover.code.send': { method: 'POST', path: '/recover/code', audience: 'recovering', limit: 'code-try' },
  'recover.again': { method: 'GET', path: '/recover/code/again', audience: 'recovering' },
  'recover.again.send': { method: 'POST', path: '/recover/code/again', audience: 'recovering' },
  'recover.account': { method: 'GET', path: '/recover/account', audience: 'recovering' },
  'recover.account.send': { method: 'POST', path: '/recover/account', audience: 'recovering' },
  'recover.password': { method: 'GET', path: '/recover/password', audience: 'recovering' },
  'recover.password.send': { method: 'POST', path: '/recover/password', audience: 'recovering' },
  'recover.done': { method: 'GET', path: '/recover/done', audience: 'recovering' },
  'recover.case': { method: 'GET', path: '/recover/case', audience: 'anyone' },
  'recover.case.send': { method: 'POST', path: '/recover/case', audience: 'anyone', limit: 'case-open' },
  'case.status': { method: 'GET', path: '/recover/case/status', audience: 'anyone' },
  'case.status.send': { method: 'POST', path: '/recover/case/status', audience: 'anyone', limit: 'case-try' },
  case: { method: 'GET', path: '/recover/case/:number', audience: 'following' },
  'case.contact': { method: 'GET', path: '/recover/case/:number/contact', audience: 'following' },
  'case.contact.send': {
    method: 'POST',
    path: '/recover/case/:number/contact',
    audience: 'following',
    limit: 'code-try',
  },
  'case.again': { method: 'GET', path: '/recover/case/:number/contact/again', audience: 'following' },
  'case.again.send': { method: 'POST', path: '/recover/case/:number/contact/again', audience: 'following' },
  'case.change': { method: 'GET', path: '/recover/case/:number/contact/change', audience: 'following' },
  'case.change.send': {
    method: 'POST',
    path: '/recover/case/:number/contact/change',
    audience: 'following',
    limit: 'case-contact',
  },
  'case.proofs': { method: 'GET', path: '/recover/case/:number/proofs', audience: 'following' },
  'case.proofs.send': {
    method: 'POST',
    path: '/recover/case/:number/proofs',
    audience: 'following',
    limit: 'case-proof',
  },
  // Reload and the other language ask for the page that answered a form by its path.
  'case.message': { method: 'GET', path: '/recover/case/:number/message', audience: 'following' },
  'case.message.send': {
    method: 'POST',
    path: '/recover/case/:number/message',
    audience: 'following',
    limit: 'case-message',
  },
  'case.picture': { method: 'GET', path: '/recover/case/:number/picture', audience: 'following' },
  'case.picture.send': {
    method: 'POST',
    path: '/recover/case/:number/picture',
    audience: 'following',
    limit: 'case-picture',
  },
  'recover.link': { method: 'GET', path: '/recover/link/:token', audience: 'anyone' },
  'recover.link.send': { method: 'POST', path: '/recover/link/:token', audience: 'anyone', limit: 'link-try' },
  'check.letters': { method: 'GET', path: '/recover/letters/:challenge', audience: 'anyone', limit: 'check-plain' },
  'check.audio': { method: 'GET', path: '/recover/audio/:challenge', audience: 'anyone', limit: 'check-plain' },
  'check.wait': { method: 'GET', path: '/recover/wait', audience: 'anyone', limit: 'check-plain' },
  'check.wait.send': { method: 'POST', path: '/recover/wait', audience: 'anyone', limit: 'check-plain' },
  'recover.stop': { method: 'GET', path: '/recover/stop/:token', audience: 'anyone' },
  'recover.stop.send': { method: 'POST', path: '/recover/stop/:token', audience: 'anyone', limit: 'link-try' },
  'recover.grant': { method: 'GET', path: '/recover/grant/:token', audience: 'anyone' },
  'recover.grant.send': { method: 'POST', path: '/recover/grant/:token', audience: 'anyone', limit: 'link-try' },
  // Whoever has to sign in for it comes back to its path.
  'account.release': { method: 'GET', path: '/account/release', audience: 'signed-in' },
  'account.release.send': { method: 'POST', path: '/account/release', audience: 'signed-in' },
  'account.password': { method: 'GET', path: '/account/password', audience: 'signed-in' },
  'account.password.send': { method: 'POST', path: '/account/password', audience: 'signed-in' },
  'account.password.done': { method: 'GET', path: '/account/password/done', audience: 'signed-in' },
  support: { method: 'GET', path: '/support', audience: 'agent' },
  'support.sign-in': { method: 'GET', path: '/support/sign-in', audience: 'anyone' },
  'support.sign-in.send': { method: 'POST', path: '/support/sign-in', audience: 'anyone', limit: 'agent-sign-in' },
  'support.sign-out.send': { method: 'POST', path: '/support/sign-out', audience: 'agent' },
  'support.enrol': { method: 'GET', path: '/support/enrol/:token', audience: 'anyone' },
  'support.enrol.send': {
    method: 'POST',
    path: '/support/enrol/:token',
    audience: 'anyone',
    limit: 'agent-sign-in-source',
  },
  'support.news': { method: 'GET', path: '/support/news', audience: 'agent', isWatching: true },
  'support.search': { method: 'GET', path: '/support/search', audience: 'agent' },
  'support.search.send': { method: 'POST', path: '/support/search', audience: 'agent', limit: 'agent-search' },
  'support.case': { method: 'GET', path: '/support/cases/:number', audience: 'agent', limit: 'agent-case' },
  // Reload and the other language ask for the page that answered a form by its path.
  'support.case.act': { method: 'GET', path: '/support/cases/:number/act', audience: 'agent' },
  'support.case.act.send': { method: 'POST', path: '/support/cases/:number/act', audience: 'acting-agent' },
  'support.case.picture': { method: 'GET', path: '/support/cases/:number/pictures/:picture', audience: 'agent' },
  'support.case.take': { method: 'GET', path: '/support/cases/:number/take', audience: 'agent' },
  'support.case.take.send': { method: 'POST', path: '/support/cases/:number/take', audience: 'acting-agent' },
  'support.case.hand-over': { method: 'GET', path: '/support/cases/:number/hand-over', audience: 'agent' },
  'support.case.hand-over.send': { method: 'POST', path: '/support/cases/:number/hand-over', audience: 'acting-agent' },
  'support.case.release': { method: 'GET', path: '/support/cases/:number/release', audience: 'agent' },
  'support.case.release.send': { method: 'POST', path: '/support/cases/:number/release', audience: 'acting-agent' },
  'support.case.unmask': { method: 'GET', path: '/support/cases/:number/unmask', audience: 'agent' },
  'support.case.unmask.send': {
    method: 'POST',
    path: '/support/cases/:number/unmask',
    audience: 'acting-agent',
    limit: 'agent-unmask',
  },
  'support.figures': { method: 'GET', path: '/support/figures', audience: 'lead-or-auditor' },
  'support.figures.file': { method: 'GET', path: '/support/figures.csv', audience: 'lead-or-auditor' },
  'support.own': { method: 'GET', path: '/support/own', audience: 'agent' },
  'support.own.send': { method: 'POST', path: '/support/own', audience: 'agent' },
  'support.shortcuts': { method: 'GET', path: '/support/own/shortcuts', audience: 'agent' },
  'support.shortcuts.send': { method: 'POST', path: '/support/own/shortcuts', audience: 'agent' },
  // Reload and the other language ask for the page that answered a form by its path.
  'support.passkeys': { method: 'GET', path: '/support/own/passkeys', audience: 'agent' },
  'support.passkeys.send': { method: 'POST', path: '/support/own/passkeys', audience: 'agent', limit: 'agent-sign-in' },
  'change-password': { method: 'GET', path: '/.well-known/change-password', audience: 'anyone' },
  // Nothing for whoever holds no consent that was made with our keys.
  'attack-consent': { method: 'GET', path: '/.well-known/rekey-attack-consent', audience: 'anyone' },
  'health.live': { method: 'GET', path: '/health/live', audience: 'anyone' },
  'health.ready': { method: 'GET', path: '/health/ready', audience: 'anyone' },
  asset: { method: 'GET', path: '/assets/:file', audience: 'anyone' },

  // The JSON API: what stands after `api.` names the operation in api/operations.ts, in the document and in the client.
  'api.issueHumanCheck': { method: 'POST', path: '/api/v1/human-checks', audience: 'anyone', limit: 'check-issue' },
  'api.answerHumanCheck': {
    method: 'POST',
    path: '/api/v1/human-checks/answers',
    audience: 'anyone',
    limit: 'check-answer',
  },
  'api.readLetters': {
    method: 'GET',
    path: '/api/v1/human-checks/:challenge/letters',
    audience: 'anyone',
    limit: 'check-plain',
  },
  'api.readSound': {
    method: 'GET',
    path: '/api/v1/human-checks/:challenge/sound',
    audience: 'anyone',
    limit: 'check-plain',
  },
  'api.startRecovery': { method: 'POST', path: '/api/v1/recoveries', audience: 'anyone', limit: 'recovery-start' },
  'api.readRecovery': { method: 'GET', path: '/api/v1/recoveries/:id', audience: 'recovering' },
  'api.askForCode': { method: 'POST', path: '/api/v1/recoveries/:id/proofs', audience: 'recovering' },
  'api.enterCode': {
    method: 'POST',
    path: '/api/v1/recoveries/:id/proofs/email-code/verify',
    audience: 'recovering',
    limit: 'code-try',
  },
  'api.chooseAccount': { method: 'POST', path: '/api/v1/recoveries/:id/account', audience: 'recovering' },
  'api.setPassword': { method: 'POST', path: '/api/v1/recoveries/:id/password', audience: 'recovering' },
  'api.readLink': { method: 'GET', path: '/api/v1/links/:token', audience: 'anyone' },
  'api.continueFromMail': {
    method: 'POST',
    path: '/api/v1/links/:token/continue',
    audience: 'anyone',
    limit: 'link-try',
  },
  'api.stopFromMail': { method: 'POST', path: '/api/v1/links/:token/stop', audience: 'anyone', limit: 'link-try' },
  'api.resumeFromMail': { method: 'POST', path: '/api/v1/links/:token/resume', audience: 'anyone', limit: 'link-try' },
  'api.disownFromNotice': {
    method: 'POST',
    path: '/api/v1/links/:token/disown',
    audience: 'anyone',
    limit: 'link-try',
  },
  'api.objectFromNotice': {
    method: 'POST',
    path: '/api/v1/links/:token/object',
    audience: 'anyone',
    limit: 'link-try',
  },
  'api.continueSignUpFromMail': {
    method: 'POST',
    path: '/api/v1/links/:token/sign-up',
    audience: 'anyone',
    limit: 'code-try',
  },
  'api.openGrant': { method: 'POST', path: '/api/v1/links/:token/grant', audience: 'anyone', limit: 'link-try' },
  'api.signUp': { method: 'POST', path: '/api/v1/accounts', audience: 'anyone', limit: 'sign-up-start' },
  'api.readSignUp': { method: 'GET', path: '/api/v1/accounts/pending', audience: 'signing-up' },
  'api.askForSignUpCode': { method: 'POST', path: '/api/v1/accounts/pending/proofs', audience: 'signing-up' },
  'api.enterSignUpCode': {
    method: 'POST',
    path: '/api/v1/accounts/pending/proofs/email-code/verify',
    audience: 'signing-up',
    limit: 'code-try',
  },
  'api.chooseSignUpPassword': { method: 'POST', path: '/api/v1/accounts/pending/password', audience: 'signing-up' },
  'api.chooseUserId': {
    method: 'POST',
    path: '/api/v1/accounts/pending/user-id',
    audience: 'signing-up',
    limit: 'sign-up-start',
  },
  'api.signIn': { method: 'POST', path: '/api/v1/sessions', audience: 'anyone', limit: 'sign-in-source' },
  'api.readSecondStep': { method: 'GET', path: '/api/v1/sessions/second-step', audience: 'signing-in' },
  'api.enterSecondCode': {
    method: 'POST',
    path: '/api/v1/sessions/second-step/verify',
    audience: 'signing-in',
    limit: 'second-factor',
  },
  'api.signOut': { method: 'DELETE', path: '/api/v1/sessions/current', audience: 'signed-in' },
  'api.listSessions': { method: 'GET', path: '/api/v1/sessions', audience: 'signed-in' },
  'api.endSession': { method: 'POST', path: '/api/v1/sessions/:id/end', audience: 'signed-in' },
  'api.endOtherSessions': { method: 'POST', path: '/api/v1/sessions/end-others', audience: 'signed-in' },
  'api.readAccount': { method: 'GET', path: '/api/v1/account', audience: 'signed-in' },
  'api.addAddress': { method: 'POST', path: '/api/v1/account/addresses', audience: 'signed-in', limit: 'address-add' },
  'api.askForAddressCode': { method: 'POST', path: '/api/v1/account/addresses/pending/proofs', audience: 'signed-in' },
  'api.confirmAddress': {
    method: 'POST',
    path: '/api/v1/account/addresses/pending/proofs/email-code/verify',
    audience: 'signed-in',
    limit: 'code-try',
  },
  'api.removeAddress': { method: 'POST', path: '/api/v1/account/addresses/:id/removal', audience: 'signed-in' },
  'api.changePassword': { method: 'POST', path: '/api/v1/account/password', audience: 'signed-in' },
  'api.beginAuthenticator': { method: 'POST', path: '/api/v1/account/authenticator', audience: 'signed-in' },
  'api.confirmAuthenticator': { method: 'POST', path: '/api/v1/account/authenticator/verify', audience: 'signed-in' },
  'api.renewSpareCodes': {
    method: 'POST',
    path: '/api/v1/account/authenticator/spare-codes',
    audience: 'signed-in',
    limit: 'second-factor',
  },
  'api.removeAuthenticator': {
    method: 'POST',
    path: '/api/v1/account/authenticator/removal',
    audience: 'signed-in',
    limit: 'second-factor',
  },
  'api.openCase': { method: 'POST', path: '/api/v1/cases', audience: 'anyone', limit: 'case-open' },
  'api.followCase': { method: 'POST', path: '/api/v1/cases/handles', audience: 'anyone', limit: 'case-try' },
  'api.readCase': { method: 'GET', path: '/api/v1/cases/current', audience: 'following' },
  'api.writeToDesk': {
    method: 'POST',
    path: '/api/v1/cases/current/messages',
    audience: 'following',
    limit: 'case-message',
  },
  'api.sendCasePicture': {
    method: 'POST',
    path: '/api/v1/cases/current/pictures',
    audience: 'following',
    limit: 'case-picture',
  },
  'api.askForContactCode': { method: 'POST', path: '/api/v1/cases/current/contact/proofs', audience: 'following' },
  'api.confirmContact': {
    method: 'POST',
    path: '/api/v1/cases/current/contact/proofs/email-code/verify',
    audience: 'following',
    limit: 'code-try',
  },
  'api.changeContact': {
    method: 'POST',
    path: '/api/v1/cases/current/contact',
    audience: 'following',
    limit: 'case-contact',
  },
  'api.nameCaseAccount': { method: 'POST', path: '/api/v1/cases/current/account', audience: 'following' },
  'api.askForCaseAddressCode': {
    method: 'POST',
    path: '/api/v1/cases/current/evidence/address',
    audience: 'following',
    limit: 'case-proof-mail',
  },
  'api.proveCaseAddress': {
    method: 'POST',
    path: '/api/v1/cases/current/evidence/address/verify',
    audience: 'following',
    limit: 'case-proof',
  },
  'api.proveCaseCode': {
    method: 'POST',
    path: '/api/v1/cases/current/evidence/code',
    audience: 'following',
    limit: 'case-proof',
  },
  'api.proveCaseBrowser': {
    method: 'POST',
    path: '/api/v1/cases/current/evidence/browser',
    audience: 'following',
    limit: 'case-proof',
  },
  // What describes all of these; it is none of them.
  'api-document': { method: 'GET', path: '/api/v1/openapi.json', audience: 'anyone' },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
export type ApiRouteName = Extract<RouteName, `api.${string}`>;
/** The routes that an agent alone is answered on. */
export type AgentRouteName = {
  [Name in RouteName]: (typeof routes)[Name]['audience'] extends AgentAudience ? Name : never;
}[RouteName];

/** The path of a route, `parameters` filled in. `base`: the base path without its last slash. */
export function pathOf(base: string, name: RouteName, parameters: Readonly<Record<string, string>> = {}): string {
  const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(parameters[key] ?? ''));
  return `${base}${path}`;
}
