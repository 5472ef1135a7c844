# How many processes and threads a job of root has at most. The kernel's limit of a user's processes does not hold for root:
# where the control groups of this machine can be written, each job gets one; elsewhere it is only looked at.
use strict;
use warnings;

# The folder in which a group for a job can be made, or undef.
sub find_task_groups {
    my $mine = slurp('/proc/self/cgroup');
    my @places;
    push @places, "/sys/fs/cgroup/pids$1" if $mine =~ /^\d+:(?:[^:\n]*,)?pids(?:,[^:\n]*)?:(\S*)$/m;
    if ($mine =~ /^0::(\S*)$/m) {
        my $unified = "/sys/fs/cgroup$1";
        push @places, $unified if slurp("$unified/cgroup.subtree_control") =~ /\bpids\b/;
    }
    for (@places) {
        s{/+$}{};
        # What a killed launcher left is empty by now; a group of a living one may be empty for a moment.
        m{crafting-job-(\d+)-} && !-d "/proc/$1" && rmdir for glob "$_/crafting-job-*";
        my $trial = "$_/crafting-job-$$-trial";
        next unless mkdir $trial;
        my $works = spew("$trial/pids.max", 10);
        rmdir $trial;
        return $_ if $works;
    }
    return undef;
}

# Makes a group for a job, or answers undef.
sub make_task_group {
    my ($place, $number) = @_;
    my $group = "$place/crafting-job-$$-$number";
    return mkdir($group) ? $group : undef;
}

# How many processes and threads there may be in it, `max` for any number.
sub limit_task_group { return spew("$_[0]/pids.max", $_[1]) }

# Puts this process in.
sub join_task_group { return spew("$_[0]/cgroup.procs", 0) }

sub slurp { open my $file, '<', $_[0] or return ''; local $/; return readline($file) // '' }

sub spew { my ($path, $text) = @_; open my $file, '>', $path or return 0; return defined syswrite($file, $text) && close $file }

1;
