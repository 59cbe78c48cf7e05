#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# table.pl pinyin.txt variants.txt: the tables of hanzi.c as C, at build time.
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));

my ($pinyin, $variants) = @ARGV;
my (%readings, @syllables, %variant);

# All usual readings before the others.
for my $pass (0, 1) {
	my $number = 0;
	open my $in, '<', $pinyin or die "$pinyin: $!";
	while (<$in>) {
		chomp;
		my ($syllable, $chars) = split /\t/;
		$syllables[$number++] = $syllable;
		my $part = (split /\|/, $chars, 2)[$pass] // '';
		push @{$readings{ord $_}}, $number for split //, $part;
	}
}
open my $in, '<', $variants or die "$variants: $!";
while (<$in>) {
	chomp;
	my ($form, @others) = split //;
	$variant{ord $_} = ord $form for @others;
}

my (%set_number, @sets, %pages);
for my $code (keys %readings) {
	my @set = @{$readings{$code}};
	push @set, 0 while @set < 4;
	my $key = join ',', @set[0 .. 3];
	unless (exists $set_number{$key}) {
		push @sets, $key;
		$set_number{$key} = @sets;
	}
	$pages{$code >> 8}[$code & 255] = $set_number{$key};
}

print "/* Written by common/domain/hanzi/table.pl. */\n#include \"domain/hanzi_table.h\"\n";
print "const char hanzi_syllable[][HANZI_SYLLABLE_SIZE] = {", join(', ', map {"\"$_\""} @syllables), "};\n";
print "const uint16_t hanzi_set[][HANZI_MAX_READINGS] = {{0}", map(", {$_}", @sets), "};\n";
my @numbers = sort {$a <=> $b} keys %pages;
my %place = map {$numbers[$_] => $_ + 1} 0 .. $#numbers;
print "const uint16_t hanzi_page[][256] = {{0}";
print ",\n{", join(',', map {$_ // 0} @{$pages{$_}}[0 .. 255]), "}" for @numbers;
print "};\n";
print "const uint16_t hanzi_page_of[] = {", join(',', map {$place{$_} // 0} 0 .. $numbers[-1]), "};\n";
print "const uint32_t hanzi_n_pages_of = ", $numbers[-1] + 1, ";\n";
my @codes = sort {$a <=> $b} keys %variant;
print "const uint32_t hanzi_variant[][2] = {", join(', ', map {"{$_, $variant{$_}}"} @codes), "};\n";
print "const uint32_t hanzi_n_variants = ", scalar @codes, ";\n";
