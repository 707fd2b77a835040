# dist.pl A B: the largest difference of their F32 tensors
use JSON::PP;
sub load { local $/; open my $f, "<:raw", $_[0] or die; my $b = <$f>; my $n = unpack "Q<", $b;
    my $h = decode_json substr $b, 8, $n; delete $h->{__metadata__};
    map { my ($s, $e) = @{$h->{$_}{data_offsets}}; ($_ => [unpack "f<*", substr $b, 8 + $n + $s, $e - $s]) }
        grep { $h->{$_}{dtype} eq "F32" } keys %$h; }
my %a = load($ARGV[0]); my %b = load($ARGV[1]); my $worst = 0;
for my $k (keys %a) { for (0 .. $#{$a{$k}}) { my $d = abs $a{$k}[$_] - $b{$k}[$_]; $worst = $d if $d > $worst } }
print "$worst\n";
