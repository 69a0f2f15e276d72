// S3: takes over what was typed at sign-in.
import { takeIdentifier } from './carry.ts';

const field = document.querySelector<HTMLInputElement>('#identifier');
const carried = takeIdentifier();
if (field && carried !== undefined && field.value === '') field.value = carried;
