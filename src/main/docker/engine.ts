import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { ZodType } from 'zod';
import type { EngineFacts } from '../../shared/domain';

export interface ApiResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as the engine sent it, byte for byte (de-chunked, never decoded). */
  body: Readable;
  /** The path with version and query, as it was asked. */
  path: string;
}

export type Query = Record<string, string | number | boolean | undefined>;

/** The Docker Engine API of a host. Every call is reported to hosts/access.ts. */
export interface Engine {
  readonly facts: EngineFacts;
  /** dockerode over the same connection, for calls whose parsed answer is enough. Its calls are recorded as well. */
  readonly docker: Dockerode;
  /** A call whose answer matters to the byte. An error status is a result, not an exception. `path` is '/info'. */
  request(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    query?: Query,
    signal?: AbortSignal,
    /** Sent as JSON; the record of the call has it as its third word. */
    body?: unknown,
  ): Promise<ApiResponse>;
  /** GET, parsed. Throws ENGINE_ERROR with the engine's message, TARGET_GONE for 404. */
  json<T>(schema: ZodType<T>, path: string, query?: Query, signal?: AbortSignal): Promise<T>;
  close(): void;
}
