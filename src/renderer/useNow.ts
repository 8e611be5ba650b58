import { useEffect, useState } from 'react';

/** The time, renewed every `ms`: for what is shown as "3 min ago". */
export function useNow(ms = 20_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}
