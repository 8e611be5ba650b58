#!/usr/bin/perl
# The staged shop's web service. Its hole: what comes as `host` reaches a shell, and what is uploaded is kept as it is.
use strict; use warnings; use IO::Socket::INET;
$| = 1; $SIG{CHLD} = 'IGNORE'; $SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 20, ReuseAddr => 1) or die "listen: $!";
print "shop listening on 8080\n";
sub unescape { my $s = shift; $s =~ tr/+/ /; $s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $s }
while (1) {
  my $c = $server->accept or next;
  if (fork) { close $c; next }
  close $server; $SIG{CHLD} = 'DEFAULT';
  my $head = '';
  while ((my $line = <$c> // "\r\n") ne "\r\n") { $head .= $line }
  my ($method, $target) = $head =~ m{^(\S+) (\S+)} or exit;
  my ($agent) = $head =~ /^User-Agent: (.*?)\r?$/mi;
  my ($length) = $head =~ /^Content-Length: (\d+)/mi;
  my $body = '';
  read $c, $body, $length if $length;
  printf "%s - - [%s] \"%s %s HTTP/1.1\" 200 \"%s\"\n", $c->peerhost, scalar gmtime, $method, unescape($target), $agent // '-';
  my $answer = "shop\n";
  if ($target =~ m{^/ping\?host=(.*)}s) { my $host = unescape($1); $answer = `echo checking $host` // '' }
  elsif ($target =~ m{^/upload/([\w.-]+)$} and open my $f, '>:raw', "/srv/shop/uploads/$1") { print $f $body; close $f }
  print $c "HTTP/1.1 200 OK\r\nContent-Length: " . length($answer) . "\r\nConnection: close\r\n\r\n$answer";
  exit;
}
