/** The words of the domain, as zod schemas and their types. */
export * from './basics';
export * from './case';
export * from './collect';
export * from './custody';
export * from './exhibit';
export * from './finding';
export * from './host';
export * from './task';
