/** Raised when tables or what is in them change: a database of another format is made anew. */
export const CAPTURE_FORMAT = 1;

/**
 * Tables of `derived/captures/<sha256>.sqlite`. `at` and `length` are a packet's record in the capture, so that each row leads
 * to its bytes; times are µs since 1970 as the capture has them; A is who sent a conversation's first packet.
 */
export const CAPTURE_SQL = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  `CREATE TABLE conversations (id INTEGER PRIMARY KEY, layer TEXT NOT NULL, a TEXT NOT NULL, a_port INTEGER, b TEXT NOT NULL, b_port INTEGER,
    packets_ab INTEGER NOT NULL, bytes_ab INTEGER NOT NULL, packets_ba INTEGER NOT NULL, bytes_ba INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, first_at INTEGER NOT NULL, first_length INTEGER NOT NULL,
    last_at INTEGER NOT NULL, last_length INTEGER NOT NULL, base_a INTEGER NOT NULL, base_b INTEGER NOT NULL, flags INTEGER NOT NULL,
    payload_ab INTEGER NOT NULL, payload_ba INTEGER NOT NULL, gaps INTEGER NOT NULL, gap_mean REAL NOT NULL, gap_squares REAL NOT NULL,
    top_at INTEGER NOT NULL, top_length INTEGER NOT NULL)`,
  `CREATE TABLE dns (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, length INTEGER NOT NULL, us INTEGER NOT NULL, protocol TEXT NOT NULL,
    source TEXT NOT NULL, source_port INTEGER NOT NULL, destination TEXT NOT NULL, destination_port INTEGER NOT NULL,
    message INTEGER NOT NULL, response INTEGER NOT NULL, code INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, answers TEXT NOT NULL)`,
  `CREATE TABLE addresses (name TEXT NOT NULL, address TEXT NOT NULL, us INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (address, name)) WITHOUT ROWID`,
  `CREATE TABLE http (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL, us INTEGER NOT NULL,
    client TEXT NOT NULL, client_port INTEGER NOT NULL, server TEXT NOT NULL, server_port INTEGER NOT NULL,
    method TEXT, host TEXT, target TEXT, agent TEXT, request_type TEXT, request_bytes INTEGER NOT NULL, request_whole INTEGER NOT NULL,
    status INTEGER, response_at INTEGER, response_length INTEGER, response_us INTEGER, response_type TEXT,
    response_bytes INTEGER NOT NULL, response_whole INTEGER NOT NULL)`,
  `CREATE TABLE tls (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL, us INTEGER NOT NULL,
    kind TEXT NOT NULL, source TEXT NOT NULL, source_port INTEGER NOT NULL, destination TEXT NOT NULL, destination_port INTEGER NOT NULL,
    version TEXT, server_name TEXT, alpn TEXT, ja3 TEXT, ja4 TEXT, cipher TEXT, subject TEXT, issuer TEXT, valid_from TEXT, valid_to TEXT,
    names TEXT, serial TEXT, sha256 TEXT)`,
  `CREATE TABLE logins (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL, us INTEGER NOT NULL,
    client TEXT NOT NULL, client_port INTEGER NOT NULL, server TEXT NOT NULL, server_port INTEGER NOT NULL,
    protocol TEXT NOT NULL, way TEXT NOT NULL, user TEXT NOT NULL, secret_length INTEGER NOT NULL)`,
  `CREATE TABLE transfers (id INTEGER PRIMARY KEY, control INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL, us INTEGER NOT NULL,
    listener TEXT NOT NULL, way TEXT NOT NULL, name TEXT NOT NULL)`,
  'CREATE TABLE icmp (type INTEGER NOT NULL, version INTEGER NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, at INTEGER NOT NULL, length INTEGER NOT NULL, PRIMARY KEY (version, type, source, destination)) WITHOUT ROWID',
  'CREATE TABLE other (name TEXT PRIMARY KEY, packets INTEGER NOT NULL) WITHOUT ROWID',
  /* Every STEP-th packet: from the one before it any packet is found by reading on. */
  'CREATE TABLE packets (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, us INTEGER NOT NULL)',
  'CREATE TABLE volume (start INTEGER PRIMARY KEY, packets INTEGER NOT NULL, bytes INTEGER NOT NULL)',
];

export const CAPTURE_INDEX_SQL = [
  'CREATE INDEX conversations_layer ON conversations (layer, id)',
  'CREATE INDEX conversations_a ON conversations (a)',
  'CREATE INDEX conversations_b ON conversations (b)',
  'CREATE INDEX dns_name ON dns (name)',
  'CREATE INDEX http_conversation ON http (conversation)',
];

/** Packets between two that are in `packets`. */
export const STEP = 512;
