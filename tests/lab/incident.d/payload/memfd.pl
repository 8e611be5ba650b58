# A process that runs from memory only, under the name of a kernel thread.
my %number = (x86_64 => 319, aarch64 => 279); # memfd_create(2)
my $machine = `uname -m`; chomp $machine;
my $name = 'update';
my $fd = syscall $number{$machine} // die("no memfd_create known for $machine"), $name, 0;
die "memfd_create: $!" if $fd < 0;
open my $memory, '>&=', $fd or die; open my $program, '<:raw', '/usr/bin/perl' or die;
{ local $/; print $memory scalar <$program>; }
$memory->flush();
exec { "/proc/self/fd/$fd" } '[kworker/u8:3]', '-e', '$0 = "[kworker/u8:3]"; sleep 60 while 1';
