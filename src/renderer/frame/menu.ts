import { useEffect } from 'react';
import { z } from 'zod';
import { useCaseState } from '../case';
import { client } from '../client';
import { showError } from '../errors';

/** What Electron's menu asks of the window; the preload script hands it on. */
const Message = z.object({
  type: z.literal('lading-menu'),
  wish: z.discriminatedUnion('action', [
    z.object({ action: z.literal('new') }),
    z.object({ action: z.literal('open'), path: z.string().min(1) }),
  ]),
});

/** Does what the menu asks: one case at a time, so the one that is open is given back first. */
export function useMenu(): void {
  const { enter, leave } = useCaseState();
  useEffect(() => {
    const hear = (event: MessageEvent<unknown>) => {
      if (event.source !== window) return;
      const message = Message.safeParse(event.data);
      if (!message.success) return;
      const { wish } = message.data;
      const act = async () => {
        if (!(await leave())) return;
        if (wish.action === 'open') enter(await client.cases.open({ case: wish.path }));
      };
      act().catch((error: unknown) => showError(error, 'The case could not be opened'));
    };
    window.addEventListener('message', hear);
    return () => window.removeEventListener('message', hear);
  }, [enter, leave]);
}
