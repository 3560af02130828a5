# Takes messages apart with MIME-tools: one line of base64 in, one of JSON out.

use strict;
use warnings;
use Encode qw(decode encode is_utf8);
use JSON::PP;
use MIME::Base64;
use MIME::Parser;

$| = 1;
my $json = JSON::PP->new->utf8;

sub text {
    my ($body) = @_;
    $body = decode("UTF-8", $body);
    $body =~ s/\r\n/\n/g;
    $body =~ s/\n+\z//;
    return $body;
}

while (my $line = <STDIN>) {
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    my $message = $parser->parse_data(decode_base64($line));
    my (@files, %texts);
    for my $part ($message->parts_DFS) {
        next if $part->is_multipart;
        my $name = $part->head->recommended_filename;
        my $body = $part->bodyhandle->as_string;
        if (!defined $name) {
            $texts{ $part->effective_type } = text($body);
            next;
        }
        $name = decode("UTF-8", $name) unless is_utf8($name);
        my $identifier = $part->head->get("Content-ID");
        if (defined $identifier) {
            chomp $identifier;
            $identifier =~ s/[<>\r]//g;
        }
        push @files, [$name, $part->effective_type, $identifier, encode_base64($body, "")];
    }
    my @defects = map { "$_" } $parser->results->errors, $parser->results->warnings;
    print $json->encode({
        files => \@files,
        text => $texts{"text/plain"},
        html => $texts{"text/html"},
        defects => \@defects,
    }), "\n";
}
