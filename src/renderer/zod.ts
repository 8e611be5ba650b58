import { z } from 'zod';

/** zod compiles parsers with `new Function` where it may; the window's Content-Security-Policy forbids that, so it must not try. */
z.config({ jitless: true });
