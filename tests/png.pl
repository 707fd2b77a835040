# png.pl FILE [X Y]...
#
# Prints width and height of an 8-bit RGB PNG and then the pixels asked for, as "r,g,b", all apart
# by spaces. Made from the PNG specification, so that what the tools write is read by another hand.
use strict;
use warnings;
use Compress::Zlib ();

my $file = shift;
open my $f, '<:raw', $file or die "$file: $!\n";
my $png = do { local $/; <$f> };
substr($png, 0, 8, '') eq "\x89PNG\r\n\x1a\n" or die "$file: no PNG\n";
my ($w, $h, $data) = (0, 0, '');
while (length $png) {
    my ($size, $type) = unpack 'N a4', substr $png, 0, 8, '';
    my $chunk = substr $png, 0, $size, '';
    Compress::Zlib::crc32($type . $chunk) == unpack 'N', substr $png, 0, 4, '' or die "CRC\n";
    if ($type eq 'IHDR') {
        ($w, $h, my @form) = unpack 'N2 C5', $chunk;
        "@form" eq '8 2 0 0 0' or die "$file: not plain 8-bit RGB\n";
    }
    $data .= $chunk if $type eq 'IDAT';
}
$data = Compress::Zlib::uncompress($data);

my (@rows, @above);
@above = (0) x (3 * $w);
for (1 .. $h) {
    my $filter = ord substr $data, 0, 1, '';
    my @row = unpack 'C*', substr $data, 0, 3 * $w, '';
    for my $i (0 .. $#row) {
        my ($a, $b, $c) = ($i < 3 ? 0 : $row[$i - 3], $above[$i], $i < 3 ? 0 : $above[$i - 3]);
        my ($pa, $pb, $pc) = (abs($b - $c), abs($a - $c), abs($a + $b - 2 * $c));
        my $paeth = $pa <= $pb && $pa <= $pc ? $a : $pb <= $pc ? $b : $c;
        $row[$i] = ($row[$i] + (0, $a, $b, int(($a + $b) / 2), $paeth)[$filter]) & 255;
    }
    push @rows, [@row];
    @above = @row;
}
my @out = ($w, $h);
while (my ($x, $y) = splice @ARGV, 0, 2) {
    push @out, join ',', @{$rows[$y]}[3 * $x .. 3 * $x + 2];
}
print "@out\n";
