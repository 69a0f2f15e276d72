import { lookAtEveryPage } from './every-page.ts';

lookAtEveryPage({ language: 'en', width: 1280, scheme: 'light' });
