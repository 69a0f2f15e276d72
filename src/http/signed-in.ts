// For the pages of a signed-in person: who that is, or the way to the sign-in and back.
import { type Call, goTo, type Handler } from './handler.ts';

/** Anybody else signs in first and comes back to `path`. */
export const toSignIn = (call: Call, path: string): Response =>
  goTo(call, 'sign-in', new URLSearchParams({ returnTo: path }).toString());

/** `find`: who is signed in with the token of the session cookie. */
export const forSignedIn =
  <Who>(find: (token: string) => Promise<Who | undefined>, backTo: (call: Call) => string) =>
  (handle: (call: Call, who: Who) => Promise<Response>): Handler =>
  async (call) => {
    const who = await find(call.visit.cookie('session') ?? '');
    return who ? handle(call, who) : toSignIn(call, backTo(call));
  };
