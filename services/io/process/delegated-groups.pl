# Control groups of version 2 that the service was handed (systemd's Delegate=yes): the kernel lets controllers reach the
# groups below one only while no process lives in it itself, so what lives there moves into a leaf first.
use strict;
use warnings;

my $LEAF = 'crafting-service';
# Processes that begin meanwhile land in the folder again.
my $MOST_TRIES = 50;
# Jobs give way to the service when both want the machine; 100 is what everybody has.
my $JOB_WEIGHT = 50;

# The folder that was handed over, with what of these controllers reaches the groups below it; undef where there is none.
sub handed_over {
    my ($getxattr, @wanted) = @_;
    my $mount = unified_mount() // return undef;
    my ($path) = slurp('/proc/self/cgroup') =~ /^0::(\S*)$/m or return undef;
    $path =~ s{/\Q$LEAF\E$}{};
    my $folder = $mount . ($path eq '/' ? '' : $path);
    return undef unless -w "$folder/cgroup.procs" && -w "$folder/cgroup.subtree_control" && is_delegated($getxattr, $folder);
    hand_down($folder, @wanted);
    my %on = map { $_ => 1 } split ' ', slurp("$folder/cgroup.subtree_control");
    return { folder => $folder, reaches => { map { $_ => 1 } grep { $on{$_} } @wanted } };
}

sub unified_mount {
    my ($mount) = slurp('/proc/self/mountinfo') =~ m{^\S+ \S+ \S+ / (\S+) .* - cgroup2 }m;
    return $mount;
}

# What systemd notes on the folder: anybody may say it by user.delegate who owns the folder, and then it is theirs to say.
sub is_delegated {
    my ($getxattr, $folder) = @_;
    for (qw(user.delegate trusted.delegate)) {
        my ($name, $value) = ($_, "\0" x 8);
        my $length = syscall $getxattr, $folder, $name, $value, 8;
        return 1 if $length > 0 && substr($value, 0, $length) eq '1';
    }
    return 0;
}

# Moves what lives in a folder into its leaf, and lets each controller that is there reach the groups below.
sub hand_down {
    my ($folder, @wanted) = @_;
    my %there = map { $_ => 1 } split ' ', slurp("$folder/cgroup.controllers");
    my %on = map { $_ => 1 } split ' ', slurp("$folder/cgroup.subtree_control");
    my @missing = grep { $there{$_} && !$on{$_} } @wanted or return;
    my $leaf = "$folder/$LEAF";
    -d $leaf || mkdir $leaf or return;
    for (1 .. $MOST_TRIES) {
        spew("$leaf/cgroup.procs", $_) for split ' ', slurp("$folder/cgroup.procs");
        @missing = grep { !spew("$folder/cgroup.subtree_control", "+$_") } @missing or return;
    }
}

# What a job may have of the processor and the disk beside the service, where both are short.
sub weigh_group {
    my ($folder) = @_;
    for (qw(cpu.weight io.weight)) { spew("$folder/$_", $JOB_WEIGHT) if -e "$folder/$_" }
}

# Ends whatever is still in a group, at once.
sub kill_group { my ($folder) = @_; return -e "$folder/cgroup.kill" && spew("$folder/cgroup.kill", 1) }

1;
