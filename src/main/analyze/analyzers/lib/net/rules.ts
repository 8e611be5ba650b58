import type { Rule } from '../rule';

/** What captures show; thresholds stand beside the code that looks. */
export const upload: Rule = {
  id: 'network.upload',
  version: '2',
  title: 'More was sent to an outside address than came back',
  severity: 'high',
  confidence: 'possible',
  techniques: ['T1048', 'T1041'],
  benign: 'Backups, mirrors, log shipping and uploads by users send more than they receive, too.',
};

export const httpUpload: Rule = {
  id: 'network.http-upload',
  version: '2',
  title: 'A file was sent out over plain HTTP',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1048.003'],
  benign:
    'An interface of the service itself may take uploads in plain HTTP: compare the host with what the service is for.',
};

export const download: Rule = {
  id: 'network.http-download',
  version: '1',
  title: 'A file was fetched over plain HTTP by a tool of the command line',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1105'],
  benign: 'Start scripts, health checks and installers fetch files so; what was fetched says more.',
};

export const dnsTunnel: Rule = {
  id: 'network.dns-tunnel',
  version: '2',
  title: 'Names that are asked for look like carried data',
  severity: 'high',
  confidence: 'possible',
  techniques: ['T1071.004', 'T1048.003'],
  benign: 'Content networks, virus scanners and mail checks ask for long or hexadecimal names, too.',
};

export const beacon: Rule = {
  id: 'network.beacon',
  version: '2',
  title: 'An outside address is contacted at regular intervals',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1071', 'T1029'],
  benign: 'Health checks, time synchronisation, update checks and keep-alives are regular, too.',
};

export const plainLogin: Rule = {
  id: 'network.plain-login',
  version: '2',
  title: 'Somebody logged in in plain text',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1040', 'T1552'],
  benign: 'Internal services are often reached without encryption; the secret was readable on the way all the same.',
};

export const odd: Rule = {
  id: 'network.unasked-address',
  version: '2',
  title: 'A connection went to an outside address that no name was asked for',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1095', 'T1571'],
  benign:
    'The name may have been asked for before the capture, at another resolver, or encrypted; some programs are set up with addresses.',
};

export const captureRules: readonly Rule[] = [upload, httpUpload, download, dnsTunnel, beacon, plainLogin, odd];
