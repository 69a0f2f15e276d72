import { lookAtEveryPage } from './every-page.ts';

lookAtEveryPage({ language: 'es', width: 360, scheme: 'dark' });
