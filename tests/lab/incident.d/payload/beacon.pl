# Keeps one connection to a host outside and says a word on it now and then.
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 8443) or die "connect: $!";
$| = 1;
while (1) { syswrite $s, '.'; sleep 20 }
