/**
 * A tool of our own that speaks like ESLint: a warning for every line with the word `bad`, unless it is told otherwise. In
 * Perl without modules, which starts in 2 ms.
 */
export const linter = String.raw`
sub lines { open my $file, '<', $_[0] or die "$_[0]: $!"; <$file> }
sub files { map { -d && !-l ? files(glob "$_/*") : /^src.*\.js$/ ? $_ : () } @_ }

my $off = -e 'eslint.config.js' && grep { /off/ } lines('eslint.config.js');
my $here = readlink '/proc/self/cwd';
my @results;
for my $name (sort(files(glob 'src*'))) {
  my ($line, @messages) = (0);
  for (lines($name)) {
    $line++;
    next if $off || !/bad/ || /eslint-disable/;
    push @messages, "{\"ruleId\":\"no-bad\",\"severity\":1,\"message\":\"bad is bad\",\"line\":$line,\"column\":1}";
  }
  push @results, "{\"filePath\":\"$here/$name\",\"messages\":[" . join(',', @messages) . '],"errorCount":0,"fatalErrorCount":0,'
    . '"warningCount":0,"fixableErrorCount":0,"fixableWarningCount":0,"usedDeprecatedRules":[]}';
}
my $text = '[' . join(',', @results) . ']';
print $ENV{CUT} ? substr($text, 0, length($text) / 2) : $text;
`;
