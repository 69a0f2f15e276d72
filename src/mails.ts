// How each kind of mail is made when its turn comes: the feature that it is about tells its facts, or why none is to go
// out, and its message writes them down.
import type { AccountDirectory } from './accounts/directory.ts';
import { removalWaitMs } from './accounts/removal.ts';
import type { Clock } from './base/clock.ts';
import type { Settings } from './config/settings.ts';
import { pathOf, type RouteName } from './http/routes.ts';
import { translator } from './i18n/translate.ts';
import type { MailBrand } from './mail/layout.ts';
import { accountDisabledMessage } from './mail/messages/account-disabled.ts';
import { addressCodeMessage } from './mail/messages/address-code.ts';
import { addressesChangedMessage } from './mail/messages/addresses-changed.ts';
import { authenticatorAddedMessage } from './mail/messages/authenticator-added.ts';
import { authenticatorRemovedMessage } from './mail/messages/authenticator-removed.ts';
import { caseCodeMessage } from './mail/messages/case-code.ts';
import { caseMovedMessage } from './mail/messages/case-moved.ts';
import { caseOpenedMessage } from './mail/messages/case-opened.ts';
import { caseProofMessage } from './mail/messages/case-proof.ts';
import { noAccountMessage, setAsideMessage } from './mail/messages/no-account.ts';
import { passwordChangedMessage } from './mail/messages/password-changed.ts';
import { providerSignInMessage } from './mail/messages/provider-sign-in.ts';
import { recoveryCodeMessage } from './mail/messages/recovery-code.ts';
import { releaseGrantMessage } from './mail/messages/release-grant.ts';
import { releaseNoticeMessage } from './mail/messages/release-notice.ts';
import { signUpCodeMessage } from './mail/messages/sign-up-code.ts';
import { signUpExistingMessage } from './mail/messages/sign-up-existing.ts';
import type { Entry, MailKind, Prepare, Prepared } from './mail/outbox.ts';
import type { OwnAccount } from './own-account/own-account.ts';
import type { AddressNotices } from './password-changes/address-notices.ts';
import type { PrepareNotice } from './password-changes/notices.ts';
import { noticeLifeMs } from './password-changes/policy.ts';
import type { RecoveryMail } from './recovery/recovery-mail.ts';
import type { Releases } from './releases/releases.ts';
import type { SignUp } from './sign-in/sign-up.ts';
import type { Cases } from './support/cases.ts';

interface MailNeeds {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly directory: AccountDirectory;
  readonly recoveryMail: RecoveryMail;
  readonly prepareNotice: PrepareNotice;
  readonly signUp: SignUp;
  readonly ownAccount: OwnAccount;
  readonly addressNotices: AddressNotices;
  readonly cases: Cases;
  readonly releases: Releases;
}

type Maker = (entry: Entry) => Promise<Prepared>;

export function createMails({
  settings,
  clock,
  directory,
  recoveryMail,
  prepareNotice,
  signUp,
  ownAccount,
  addressNotices,
  cases,
  releases,
}: MailNeeds): Prepare {
  const brand: MailBrand = {
    siteName: settings.siteName,
    colour: settings.brandColour,
    cornerRadiusPx: settings.cornerRadiusPx,
    origin: settings.origin,
  };
  const base = settings.basePath.replace(/\/$/, '');
  const urlOf = (name: RouteName, parameters?: Record<string, string>) =>
    `${settings.origin}${pathOf(base, name, parameters)}`;
  const over: Prepared = { send: false, reason: 'over' };
  const voice = ({ locale }: Entry) => translator(locale);

  /** Until when a recovery takes off what was added then, and the ways to one and to a person. */
  const undoing = (addedAt: number) => ({
    newUntil: addedAt + removalWaitMs,
    recoverUrl: urlOf('recover'),
    supportUrl: urlOf('recover.case'),
  });

  /** A notice about the account `subjectId`, to an address that is still its own. */
  async function prepareFactorNotice(
    entry: Entry,
    message: typeof authenticatorAddedMessage | typeof authenticatorRemovedMessage,
  ): Promise<Prepared> {
    const account = await directory.find(entry.subjectId);
    const address = await directory.findAddress(entry.addressId ?? '');
    if (!account || address?.accountId !== account.id) return over;
    const facts = { userId: account.userId, changedAt: entry.createdAt, ...undoing(entry.createdAt) };
    return { send: true, to: { address: address.address }, message: message(facts, voice(entry), brand) };
  }

  const makers: Record<MailKind, Maker> = {
    async 'recovery-code'(entry) {
      const mail = await recoveryMail.prepareCode(entry.id, entry.subjectId);
      if (!mail.send) return mail;
      const facts = {
        code: mail.code,
        codeLifeMs: mail.expiresAt - clock.now(),
        linkLifeMs: mail.linkExpiresAt - clock.now(),
        continueUrl: urlOf('recover.link', { token: mail.continueToken }),
        stopUrl: urlOf('recover.stop', { token: mail.stopToken }),
      };
      return { send: true, to: { address: mail.address }, message: recoveryCodeMessage(facts, voice(entry), brand) };
    },
    async 'no-account'(entry) {
      const mail = await recoveryMail.prepareNoAccount(entry);
      if (!mail.send) return mail;
      return {
        send: true,
        to: { address: mail.address },
        message: mail.isSetAside
          ? setAsideMessage({ supportUrl: urlOf('recover.case') }, voice(entry), brand)
          : noAccountMessage({ recoverUrl: urlOf('recover') }, voice(entry), brand),
      };
    },
    async 'provider-sign-in'(entry) {
      const mail = await recoveryMail.prepareOther(entry);
      if (!mail.send) return mail;
      if (mail.providers.length === 0) return over;
      const facts = {
        providers: mail.providers,
        homeUrl: `${settings.origin}${settings.homePath}`,
        supportUrl: urlOf('recover.case'),
      };
      return {
        send: true,
        to: { address: mail.address },
        message: providerSignInMessage(facts, voice(entry), brand),
      };
    },
    async 'account-disabled'(entry) {
      const mail = await recoveryMail.prepareOther(entry);
      if (!mail.send) return mail;
      if (mail.providers.length > 0) return over;
      return {
        send: true,
        to: { address: mail.address },
        message: accountDisabledMessage({ supportUrl: urlOf('recover.case') }, voice(entry), brand),
      };
    },
    async 'password-changed'(entry) {
      const mail = await prepareNotice(entry);
      if (!mail.send) return mail;
      const facts = {
        userId: mail.userId,
        changedAt: mail.changedAt,
        stopUrl: urlOf('recover.stop', { token: mail.stopToken }),
        number: mail.number,
        lifeMs: noticeLifeMs,
        supportUrl: urlOf('recover.case'),
      };
      return {
        send: true,
        to: { address: mail.address },
        message: passwordChangedMessage(facts, voice(entry), brand),
      };
    },
    'authenticator-added': (entry) => prepareFactorNotice(entry, authenticatorAddedMessage),
    'authenticator-removed': (entry) => prepareFactorNotice(entry, authenticatorRemovedMessage),
    async 'sign-up-code'(entry) {
      const mail = await signUp.prepareMail(entry);
      if (mail?.code === undefined || mail.linkToken === undefined) return over;
      const facts = {
        code: mail.code,
        codeLifeMs: mail.expiresAt - clock.now(),
        continueUrl: urlOf('sign-up.link', { token: mail.linkToken }),
      };
      return { send: true, to: { address: mail.address }, message: signUpCodeMessage(facts, voice(entry), brand) };
    },
    async 'address-code'(entry) {
      const mail = await ownAccount.addresses.prepareCode(entry);
      if (!mail) return over;
      const facts = { code: mail.code, codeLifeMs: mail.expiresAt - clock.now() };
      return { send: true, to: { address: mail.address }, message: addressCodeMessage(facts, voice(entry), brand) };
    },
    async 'addresses-changed'(entry) {
      const mail = await addressNotices.prepare(entry);
      if (!mail) return over;
      const facts = { ...mail, ...undoing(mail.changedAt) };
      return { send: true, to: { address: mail.to }, message: addressesChangedMessage(facts, voice(entry), brand) };
    },
    async 'sign-up-existing'(entry) {
      const mail = await signUp.prepareMail(entry);
      if (!mail) return over;
      return {
        send: true,
        to: { address: mail.address },
        message: signUpExistingMessage(
          { recoverUrl: urlOf('recover'), signInUrl: urlOf('sign-in') },
          voice(entry),
          brand,
        ),
      };
    },
    async 'release-notice'(entry) {
      const mail = await releases.notices.prepare(entry);
      if (!mail) return over;
      const stopUrl = urlOf('recover.stop', { token: mail.stopToken });
      const facts = { ...mail, stopUrl, supportUrl: urlOf('recover.case') };
      return { send: true, to: { address: mail.address }, message: releaseNoticeMessage(facts, voice(entry), brand) };
    },
    async 'release-grant'(entry) {
      const mail = await releases.grants.prepare(entry);
      if (!mail) return over;
      const { token, number, expiresAt } = mail;
      const facts = { grantUrl: urlOf('recover.grant', { token }), number, lifeMs: expiresAt - clock.now() };
      return { send: true, to: { address: mail.address }, message: releaseGrantMessage(facts, voice(entry), brand) };
    },
    async 'case-code'(entry) {
      const mail = await cases.prepareMail(entry);
      if (!mail || mail.code === undefined) return over;
      const facts = { code: mail.code, codeLifeMs: mail.codeExpiresAt - clock.now() };
      return { send: true, to: { address: mail.address }, message: caseCodeMessage(facts, voice(entry), brand) };
    },
    async 'case-proof'(entry) {
      const mail = await cases.prepareProofMail(entry);
      if ('withheld' in mail) return { send: false, reason: mail.withheld };
      const facts = { code: mail.code, codeLifeMs: mail.codeExpiresAt - clock.now() };
      return { send: true, to: { address: mail.address }, message: caseProofMessage(facts, voice(entry), brand) };
    },
    async 'case-opened'(entry) {
      const mail = await cases.prepareMail(entry);
      if (!mail) return over;
      const { number, promisedAt } = mail;
      const facts = { number, promiseMs: promisedAt - clock.now(), statusUrl: urlOf('case', { number }) };
      return { send: true, to: { address: mail.address }, message: caseOpenedMessage(facts, voice(entry), brand) };
    },
    async 'case-moved'(entry) {
      const mail = await cases.prepareMail(entry);
      if (!mail) return over;
      const { number } = mail;
      const facts = { number, statusUrl: urlOf('case', { number }) };
      return { send: true, to: { address: mail.address }, message: caseMovedMessage(facts, voice(entry), brand) };
    },
  };

  return (entry) => makers[entry.kind](entry);
}
