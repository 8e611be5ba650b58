import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorData } from '../errors';

/** Every call may fail with one typed error: LADING, whose data says code, message, advice and details. */
export const base = oc.errors({ LADING: { message: 'Lading could not do it.', data: ErrorData } });

/** Most calls are about one case: the path of its folder. */
export const InCase = z.object({ case: z.string().min(1) });

export const TaskStarted = z.object({ task: z.string() });
