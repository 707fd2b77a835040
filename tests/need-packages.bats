# pipelines/need-packages, with a package manager that only takes notes
load lib

setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir bin
    need=$(realpath "$BATS_TEST_DIRNAME/../pipelines/need-packages")
    # "installed" has a line for each package and its architecture.
    fake dpkg-query 'for last; do :; done
        case $last in dpkg) printf amd64 ;; *) sed -n "s/^$last\\(:[^ ]*\\)\\? \\(.*\\)/[installed \\2]/p" installed ;; esac'
    fake apt-get 'echo "apt-get $*" >>notes; [ ! -e broken ]'
    fake sudo 'echo sudo >>notes; exec "$@"'
    fake id 'echo 0'
    printf 'gcc amd64\nbats all\nmandoc:arm64 arm64\nlibz:arm64 arm64\nlibz amd64\n' >installed
    : >notes
    for command in sh env grep sed cat printf; do
        ln -s "$(command -v $command)" bin/
    done
}

# fake NAME TEXT: a program in bin that does this
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

go() {
    run env PATH="$PWD/bin" "$need" "$@"
}

@test "nothing is called when everything is there" {
    go gcc bats
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ ! -s notes ]
}

@test "only what is missing is installed, without asking" {
    go gcc mandoc bats perl
    [ "$status" -eq 0 ]
    [ "$output" = "need-packages: installing mandoc perl" ]
    [ "$(cat notes)" = "apt-get install -qq -y -o DPkg::Lock::Timeout=600 --no-install-recommends -- mandoc perl" ]
}

@test "a package of another architecture counts only if that is asked for" {
    go libz mandoc:arm64
    [ "$status" -eq 0 ]
    [ ! -s notes ]
    go mandoc
    [ "$output" = "need-packages: installing mandoc" ]
}

@test "names are names: no option, no pattern, nothing for the shell" {
    for name in -y '--allow-unauthenticated' 'man*' '*' 'a b' '$HOME' ''; do
        : >notes
        go gcc "$name"
        [ "$status" -eq 2 ]
        [ "$output" = "need-packages: '$name' is not the name of a package" ]
        [ ! -s notes ]
    done
    go libstdc++6:amd64 mandoc
    [ "$status" -eq 0 ]
}

@test "the package lists are fetched only when installing failed" {
    fake apt-get 'echo "apt-get $*" >>notes; case $1 in update) : >fresh ;; *) [ -e fresh ] ;; esac'
    go mandoc
    [ "$status" -eq 0 ]
    [ "$(grep -c . notes)" -eq 3 ]
    [ "$(sed -n 2p notes)" = "apt-get update -qq -o DPkg::Lock::Timeout=600" ]
}

@test "what cannot be installed is a failure" {
    : >broken
    go mandoc
    [ "$status" -ne 0 ]
}

@test "not root: sudo; without it a message that says what to do" {
    fake id 'echo 1000'
    go mandoc
    [ "$status" -eq 0 ]
    [ "$(head -n 1 notes)" = sudo ]
    rm bin/sudo
    go mandoc
    [ "$status" -eq 1 ]
    [[ $output == *"neither root nor sudo"*"apt-get install mandoc"* ]]
}

@test "a machine that is no Debian is told what it should have" {
    rm bin/dpkg-query
    go gcc mandoc
    [ "$status" -eq 0 ]
    [[ $output == *"no Debian"*"gcc mandoc" ]]
}
