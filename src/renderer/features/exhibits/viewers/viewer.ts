import type { Place } from '../../../../shared/locator';
import type { ByteSource } from '../model/source';

/** What every viewer is given. */
export interface ViewerProps {
  /** Path of the case, and the exhibit's number. */
  path: string;
  id: string;
  source: ByteSource;
  /** What a citation points at. */
  place: Place;
  /** Makes a place the cited one: it is marked, and in the link. */
  onPlace: (locator: string) => void;
  /** Searches the bytes; without it the exhibit of that number is searched. */
  find?: (text: string, limit: number) => Promise<{ hits: number[]; more: boolean }>;
}

/** Up to here a file is taken whole into the window to be shown as a tree. */
export const WHOLE_MAX = 20 * 1024 * 1024;
