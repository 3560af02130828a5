# Verifies signatures with Mail::DKIM, whose code is Perl's and OpenSSL's. It knows RSA only: of a
# message that is signed twice it must be content with the one.
#
# Reads what messages.py reads, and of that `raw` and `records` alone; writes the same summary.

use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

# A resolver that knows the records of the message at hand, and asks nobody.
package Names {
    sub new { return bless { records => {} }, shift }
    sub errorstring { return "NOERROR" }

    sub send {
        my ($self, $name, $type) = @_;
        my $packet = Net::DNS::Packet->new($name, $type);
        my $text = $self->{records}{$name};
        if (!defined $text) {
            $packet->header->rcode("NXDOMAIN");
            return $packet;
        }
        # A string of a TXT record has 255 bytes at most.
        my @strings = $text =~ /(.{1,255})/gs;
        $packet->push(answer => Net::DNS::RR->new(
            name => $name, type => "TXT", ttl => 60, txtdata => \@strings));
        return $packet;
    }
}

my $names = Names->new;
Mail::DKIM::DNS::resolver($names);
my ($checked, $signatures, $tampered, @failures) = (0, 0, 0);

# What it says of the whole, and of each algorithm.
sub verify {
    my ($raw) = @_;
    my $dkim = Mail::DKIM::Verifier->new(Strict => 1);
    $dkim->PRINT($raw);
    $dkim->CLOSE;
    my %found = map { $_->algorithm => $_->result } $dkim->signatures;
    return ($dkim->result, \%found);
}

sub fail {
    my ($what, $found) = @_;
    push @failures, { message => $checked, what => $what, found => $found };
}

while (my $line = <STDIN>) {
    my $expected = decode_json($line);
    my $raw = decode_base64($expected->{raw});
    $names->{records} = $expected->{records};
    my ($result, $found) = verify($raw);
    fail("the message", $result) if $result ne "pass";
    fail("signatures", $found) if keys %$found != keys %{ $expected->{records} };
    if (($found->{"rsa-sha256"} // "") eq "pass") { $signatures++ }
    else { fail("RSA", $found) }
    if ($checked < 25) {
        my ($head, $body) = split /\r\n\r\n/, $raw, 2;
        (my $renamed = $raw) =~ s/\r\nList-Unsubscribe:/\r\nX-Unsubscribe:/;
        my %changed = (
            "a changed body" => "$head\r\n\r\n${body}x\r\n",
            "a second Subject" => "Subject: other\r\n$raw",
            "a second Reply-To" => "Reply-To: x\@example.com\r\n$raw",
            "a removed List-Unsubscribe" => $renamed,
        );
        for my $what (sort keys %changed) {
            my ($result, $found) = verify($changed{$what});
            $tampered += keys %$found;
            fail($what, $found) if $result eq "pass" or grep { $_ eq "pass" } values %$found;
        }
    }
    $checked++;
}

my $last = $#failures < 4 ? $#failures : 4;
print JSON::PP->new->canonical->encode({
    checked => $checked,
    signatures => $signatures,
    tampered => $tampered,
    failures => scalar @failures,
    first => [ @failures[0 .. $last] ],
}), "\n";
exit(@failures ? 1 : 0);
