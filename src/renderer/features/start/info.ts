import type { InferClientOutputs } from '@orpc/client';
import type { client } from '../../client';

/** What `app.info` tells. */
export type Info = InferClientOutputs<typeof client>['app']['info'];
