import fc from 'fast-check';

/** The same generated inputs in every run, so that a run says something about a change; LADING_SEED=N for others. */
fc.configureGlobal({ seed: Number(process.env.LADING_SEED ?? 20260101) });
