// Test-only: what Lading's libraries expect of Node 20 and the Node 16 inside the old Electron of tests/lab lacks. Loaded
// before the app, beside tests/lab/electron/compat22.cjs; the current Electron needs neither.
const channels = require('node:diagnostics_channel');

// diagnostics_channel.tracingChannel (Node 19.9): here nobody listens, so the work is simply done.
channels.tracingChannel ??= () => ({
  hasSubscribers: false,
  traceSync: (work, _context, self, ...args) => work.apply(self, args),
  tracePromise: (work, _context, self, ...args) => work.apply(self, args),
  traceCallback: (work, _position, _context, self, ...args) => work.apply(self, args),
});

// AbortSignal.any (Node 20.3).
AbortSignal.any ??= (signals) => {
  const joined = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) joined.abort(signal.reason);
    else signal.addEventListener('abort', () => joined.abort(signal.reason), { once: true });
  }
  return joined.signal;
};

// The classes of fetch (Node 18), which oRPC asks of each value that it sends whether it is one: none is.
globalThis.FormData ??= class FormData {};
globalThis.File ??= class File extends Blob {};
