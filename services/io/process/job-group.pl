# What the kernel itself holds a job to: processes and threads, and memory with all that is shared, files in memory and
# mappings alike. Where the control groups of this machine can be written, each job gets one; elsewhere it is looked at.
use strict;
use warnings;

# The folders in which groups for jobs can be made, by what they limit; undef when there is none.
sub find_job_groups {
    my ($getxattr) = @_;
    my $mine = slurp('/proc/self/cgroup');
    my $handed = handed_over($getxattr, qw(pids memory cpu io));
    my ($unified) = $mine =~ /^0::(\S*)$/m;
    my %found;
    for my $what (qw(pids memory)) {
        my @places;
        push @places, $handed->{folder} if $handed && $handed->{reaches}{$what};
        push @places, "/sys/fs/cgroup/$what$1" if $mine =~ /^\d+:(?:[^:\n]*,)?$what(?:,[^:\n]*)?:(\S*)$/m;
        push @places, "/sys/fs/cgroup$unified"
            if defined $unified && slurp("/sys/fs/cgroup$unified/cgroup.subtree_control") =~ /\b$what\b/;
        for (@places) {
            s{/+$}{};
            # What a killed launcher left is empty by now; a group of a living one may be empty for a moment.
            m{crafting-job-(\d+)-} && !-d "/proc/$1" && rmdir for glob "$_/crafting-job-*";
            my $trial = "$_/crafting-job-$$-trial";
            next unless mkdir $trial;
            my $works = $what eq 'pids' ? spew("$trial/pids.max", 10) : limit_memory($trial, 1 << 30);
            rmdir $trial;
            $found{$what} = $_ if $works;
            last if $works;
        }
    }
    return %found ? \%found : undef;
}

# Makes the groups of a job, or answers undef. Both are one where one tree limits both.
sub make_job_group {
    my ($places, $number) = @_;
    my %group;
    for my $what (sort keys %$places) {
        my $folder = "$places->{$what}/crafting-job-$$-$number";
        $group{$what} = $folder if -d $folder || mkdir $folder;
    }
    weigh_group($_) for values %group;
    return keys %group == keys %$places ? \%group : (remove_job_group(\%group), undef)[-1];
}

# How many processes and threads there may be, and bytes; `max` for any number.
sub limit_job_group {
    my ($group, $tasks, $bytes) = @_;
    return (!$group->{pids} || spew("$group->{pids}/pids.max", $tasks)) && (!$group->{memory} || limit_memory($group->{memory}, $bytes));
}

sub limit_memory {
    my ($folder, $bytes) = @_;
    my $is_old = -e "$folder/memory.limit_in_bytes";
    return spew("$folder/memory.max", $bytes) && (spew("$folder/memory.swap.max", $bytes eq 'max' ? $bytes : 0) || 1) unless $is_old;
    # Memory alone first: the sum with what is swapped out may not be below it.
    my $most = $bytes eq 'max' ? -1 : $bytes;
    return spew("$folder/memory.limit_in_bytes", $most) && (spew("$folder/memory.memsw.limit_in_bytes", $most) || 1);
}

# Puts this process in.
sub join_job_group {
    my ($group) = @_;
    my %folders = map { $_ => 1 } values %$group;
    spew("$_/cgroup.procs", 0) or return 0 for keys %folders;
    return 1;
}

# What could not be found otherwise is ended with it.
sub remove_job_group {
    my ($group) = @_;
    for my $folder (values %$group) {
        next if rmdir $folder or !kill_group($folder);
        for (1 .. 20) { last if rmdir $folder; select undef, undef, undef, 0.001 }
    }
}

# Whether the kernel has ended a process in it for want of memory.
sub out_of_memory {
    my ($group) = @_;
    return 0 unless $group && $group->{memory};
    return "@{[ map { slurp(\"$group->{memory}/$_\") } qw(memory.events memory.oom_control) ]}" =~ /^oom_kill [1-9]/m;
}

sub slurp { open my $file, '<', $_[0] or return ''; local $/; return readline($file) // '' }

sub spew { my ($path, $text) = @_; open my $file, '>', $path or return 0; return defined syswrite($file, $text) && close $file }

1;
