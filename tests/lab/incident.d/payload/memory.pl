# Holds a string that is nowhere but in its memory: the file has it only XORed, and the file is gone once it runs.
unlink $0;
my $hidden = pack 'H*', '@MASKED@';
my $word = $hidden ^ ("\x5a" x length $hidden);
undef $hidden;
sleep 60 while length $word;
