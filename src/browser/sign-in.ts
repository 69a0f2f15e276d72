// The sign-in page: its question "Forgot your password?" takes along what was typed.
import { carryIdentifier } from './carry.ts';

carryIdentifier(document);
