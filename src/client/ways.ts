// Where each operation is and which handles it moves: the server's table once more, as the client carries nothing of the
// server. A test compares the two.
import type { HandleKind } from '../http/api/operation.ts';
import type { OperationName } from '../http/api/operations.ts';

export interface Way {
  readonly method: string;
  readonly path: string;
  readonly takes: HandleKind;
  readonly gives?: HandleKind;
}

const to = (method: string, path: string, takes: HandleKind, gives?: HandleKind): Way => ({
  method,
  path: `/api/v1/${path}`,
  takes,
  ...(gives && { gives }),
});

export const ways: Readonly<Record<OperationName, Way>> = {
  issueHumanCheck: to('POST', 'human-checks', 'check', 'check'),
  answerHumanCheck: to('POST', 'human-checks/answers', 'check'),
  readLetters: to('GET', 'human-checks/:challenge/letters', 'check'),
  readSound: to('GET', 'human-checks/:challenge/sound', 'check'),
  startRecovery: to('POST', 'recoveries', 'check', 'recovery'),
  readRecovery: to('GET', 'recoveries/:id', 'recovery'),
  askForCode: to('POST', 'recoveries/:id/proofs', 'recovery'),
  enterCode: to('POST', 'recoveries/:id/proofs/email-code/verify', 'recovery', 'recovery'),
  chooseAccount: to('POST', 'recoveries/:id/account', 'recovery'),
  setPassword: to('POST', 'recoveries/:id/password', 'recovery'),
  readLink: to('GET', 'links/:token', 'check'),
  continueFromMail: to('POST', 'links/:token/continue', 'check', 'recovery'),
  stopFromMail: to('POST', 'links/:token/stop', 'check'),
  resumeFromMail: to('POST', 'links/:token/resume', 'check'),
  disownFromNotice: to('POST', 'links/:token/disown', 'check'),
  objectFromNotice: to('POST', 'links/:token/object', 'check'),
  continueSignUpFromMail: to('POST', 'links/:token/sign-up', 'check', 'sign-up'),
  openGrant: to('POST', 'links/:token/grant', 'check', 'recovery'),
  signUp: to('POST', 'accounts', 'check', 'sign-up'),
  readSignUp: to('GET', 'accounts/pending', 'sign-up'),
  askForSignUpCode: to('POST', 'accounts/pending/proofs', 'sign-up'),
  enterSignUpCode: to('POST', 'accounts/pending/proofs/email-code/verify', 'sign-up', 'session'),
  chooseSignUpPassword: to('POST', 'accounts/pending/password', 'sign-up', 'session'),
  chooseUserId: to('POST', 'accounts/pending/user-id', 'sign-up', 'session'),
  signIn: to('POST', 'sessions', 'check', 'session'),
  readSecondStep: to('GET', 'sessions/second-step', 'second-step'),
  enterSecondCode: to('POST', 'sessions/second-step/verify', 'second-step', 'session'),
  signOut: to('DELETE', 'sessions/current', 'session'),
  listSessions: to('GET', 'sessions', 'session'),
  endSession: to('POST', 'sessions/:id/end', 'session'),
  endOtherSessions: to('POST', 'sessions/end-others', 'session'),
  readAccount: to('GET', 'account', 'session'),
  addAddress: to('POST', 'account/addresses', 'session'),
  askForAddressCode: to('POST', 'account/addresses/pending/proofs', 'session'),
  confirmAddress: to('POST', 'account/addresses/pending/proofs/email-code/verify', 'session'),
  removeAddress: to('POST', 'account/addresses/:id/removal', 'session'),
  changePassword: to('POST', 'account/password', 'session', 'session'),
  beginAuthenticator: to('POST', 'account/authenticator', 'session'),
  confirmAuthenticator: to('POST', 'account/authenticator/verify', 'session'),
  renewSpareCodes: to('POST', 'account/authenticator/spare-codes', 'session'),
  removeAuthenticator: to('POST', 'account/authenticator/removal', 'session'),
  openCase: to('POST', 'cases', 'check', 'case'),
  followCase: to('POST', 'cases/handles', 'case', 'case'),
  readCase: to('GET', 'cases/current', 'case'),
  writeToDesk: to('POST', 'cases/current/messages', 'case'),
  sendCasePicture: to('POST', 'cases/current/pictures', 'case'),
  askForContactCode: to('POST', 'cases/current/contact/proofs', 'case'),
  confirmContact: to('POST', 'cases/current/contact/proofs/email-code/verify', 'case'),
  changeContact: to('POST', 'cases/current/contact', 'case'),
  nameCaseAccount: to('POST', 'cases/current/account', 'case'),
  askForCaseAddressCode: to('POST', 'cases/current/evidence/address', 'case'),
  proveCaseAddress: to('POST', 'cases/current/evidence/address/verify', 'case'),
  proveCaseCode: to('POST', 'cases/current/evidence/code', 'case'),
  proveCaseBrowser: to('POST', 'cases/current/evidence/browser', 'case'),
};
