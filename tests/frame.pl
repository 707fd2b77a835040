# frame.pl [-c CRC] KEY=VALUE... NAME:DTYPE:SHAPE:VALUES...
#
# Writes one frame of a tensor stream, made from tensor-stream(5) and nothing of this project's, so
# that the tests compare two readings of the format. SHAPE and VALUES are separated by commas; the
# values of a U8 tensor may be given as text after an equals sign. "-c CRC" gives a false CRC-32.
#
#     frame.pl kind=faces last=1 label:I64:2:7,-1 key:U8:3:=abc key_end:I64:2:1,3
use strict;
use warnings;

my %size   = (I64 => 8, F64 => 8, I32 => 4, F32 => 4, I16 => 2, U8 => 1);
my %letter = (I64 => 'q<', F64 => 'd<', I32 => 'l<', F32 => 'f<', I16 => 's<', U8 => 'C');

my $crc;
(undef, $crc) = splice @ARGV, 0, 2 if @ARGV && $ARGV[0] eq '-c';
my (@meta, @tensors);
for (@ARGV) {
    if (/^(\w+)=(.*)$/s) {
        push @meta, [$1, $2];
    } elsif (/^([^:]+):(\w+):([\d,]*):(.*)$/s) {
        my ($name, $dtype, $shape, $values) = ($1, $2, $3, $4);
        my @values = $values =~ s/^=// ? unpack('C*', $values) : split /,/, $values;
        push @tensors, [$name, $dtype, $shape, pack("($letter{$dtype})*", @values)];
    } else {
        die "frame.pl: $_: neither KEY=VALUE nor NAME:DTYPE:SHAPE:VALUES\n";
    }
}

@tensors = sort { $size{$b->[1]} <=> $size{$a->[1]} || $a->[0] cmp $b->[0] } @tensors;
my $data = join '', map { $_->[3] } @tensors;
$crc //= sprintf '%08x', crc32($data);

# zlib's, which Compress::Zlib takes longer to load than this takes for the small frames of tests
sub crc32 {
    my @table = map { my $c = $_; $c = $c & 1 ? $c >> 1 ^ 0xedb88320 : $c >> 1 for 1 .. 8; $c } 0 .. 255;
    my $crc = 0xffffffff;
    $crc = $crc >> 8 ^ $table[($crc ^ $_) & 255] for unpack 'C*', shift;
    return $crc ^ 0xffffffff;
}
sub quoted { my $text = shift; $text =~ s/(["\\])/\\$1/g; $text =~ s/\n/\\n/g; return "\"$text\"" }
my ($at, @items) = (0);
push @items, '"__metadata__":{'
    . join(',', map { quoted($_->[0]) . ':' . quoted($_->[1]) } ['crc32', $crc], @meta) . '}';
for (@tensors) {
    my ($name, $dtype, $shape, $bytes) = @$_;
    my $end = $at + length $bytes;
    push @items, quoted($name)
        . ":{\"dtype\":\"$dtype\",\"shape\":[$shape],\"data_offsets\":[$at,$end]}";
    $at = $end;
}
my $json = '{' . join(',', @items) . '}';
$json .= ' ' x (-(8 + length $json) % 64);
binmode STDOUT;
print pack('Q<', length $json), $json, $data;
