#!/usr/bin/env bash
# Fuzzes each target for some seconds, every format as a target of its own: fuzz/run.sh [SECONDS] [NAME…]
#
# NAME is envelope, detect, mapping_file, dialect, unpack or a format; without one, all of them. A corpus begins with the
# fixtures and stays in fuzz/corpus, so that the next run goes on where this one stops. What fails is in
# fuzz/artifacts; the others go on, and the exit says whether any did.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi

# Nothing here is unsafe, so no sanitizer: panics and time are what is looked for.
cargo fuzz build --sanitizer none
host=$(rustc -vV | sed -n 's/^host: //p')
programs=fuzz/target/$host/release

# One file for each line of the fixtures whose directory begins with this name, and the beginning of the whole.
seed() {
    local corpus=$1 name=$2 sample
    [[ -d $corpus ]] && return 0
    mkdir -p "$corpus"
    for sample in tests/formats/"$name"{,-*}/sample.log; do
        [[ -f $sample ]] || continue
        head -c 4096 "$sample" >"$corpus/$(basename "$(dirname "$sample")")"
        split -l 1 -a 4 "$sample" "$corpus/$(basename "$(dirname "$sample")")-"
    done
}

seed_others() {
    local file
    mkdir -p fuzz/corpus/{envelope,detect,mapping_file,dialect,unpack}
    cp config/formats/*.toml fuzz/corpus/mapping_file
    for file in tests/formats/*/sample.log; do
        head -c 2048 "$file" >"fuzz/corpus/detect/$(basename "$(dirname "$file")")"
        head -n 1 "$file" >"fuzz/corpus/envelope/$(basename "$(dirname "$file")")"
    done
    for file in tests/formats/squid*/sample.log; do
        head -c 2048 "$file" | gzip -n >"fuzz/corpus/unpack/gzip"
        head -c 2048 "$file" | bzip2 >"fuzz/corpus/unpack/bzip2" || true
        head -c 2048 "$file" | xz >"fuzz/corpus/unpack/xz" || true
        head -c 2048 "$file" | zstd -q >"fuzz/corpus/unpack/zstd" || true
        head -c 1024 "$file" | iconv -f UTF-8 -t UTF-16 >"fuzz/corpus/unpack/utf16" || true
    done
    for file in tests/formats/dnstap*/sample.fstrm; do
        head -c 2048 "$file" >"fuzz/corpus/unpack/$(basename "$(dirname "$file")")"
    done
    # A byte for the product, then its format string.
    printf 'a%%h %%l %%u %%t "%%r" %%>s %%b "%%{Referer}i" "%%{User-Agent}i"' >fuzz/corpus/dialect/apache
    printf 'b[%%START_TIME%%] "%%REQ(:METHOD)%% %%REQ(:AUTHORITY)%%" %%RESPONSE_CODE%%' >fuzz/corpus/dialect/envoy
    printf 'c%%ci:%%cp [%%tr] %%ft %%b/%%s %%TR/%%Tw %%ST %%B %%hr %%hs %%{+Q}r' >fuzz/corpus/dialect/haproxy
    printf 'd$remote_addr - $remote_user [$time_local] "$request" $status "$http_user_agent" $host' >fuzz/corpus/dialect/nginx
    printf 'e%%ts.%%03tu %%6tr %%>a %%Ss/%%03>Hs %%<st %%rm %%ru %%[un %%Sh/%%<a %%mt' >fuzz/corpus/dialect/squid
}

fuzz() {
    local target=$1 corpus=$2
    mkdir -p "fuzz/artifacts/$(basename "$corpus")"
    "$programs/$target" "$corpus" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=4096 \
        -dict=fuzz/hostile.dict -artifact_prefix="fuzz/artifacts/$(basename "$corpus")/" -print_final_stats=1 2>&1
}

seed_others
names=("$@")
if ((${#names[@]} == 0)); then
    names=(envelope detect mapping_file dialect unpack)
    for fixture in tests/formats/*/ORIGIN.md; do
        names+=("$(basename "$(dirname "$fixture")")")
    done
fi

failed=()
for name in "${names[@]}"; do
    log=$(mktemp)
    case $name in
    envelope | detect | mapping_file | dialect | unpack)
        fuzz "$name" "fuzz/corpus/$name" >"$log" && code=0 || code=$?
        ;;
    *)
        seed "fuzz/corpus/format-$name" "$name"
        GNOMON_FORMAT=$name fuzz format "fuzz/corpus/format-$name" >"$log" && code=0 || code=$?
        ;;
    esac
    if grep -q 'there is no format' "$log"; then
        # A further fixture of a format that is fuzzed under its own name.
        rm -r "fuzz/corpus/format-$name"
    elif ((code == 0)); then
        printf '%-28s %s s, %s runs\n' "$name" "$seconds" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
    else
        printf '%-28s FAILED\n' "$name"
        grep -A4 -E 'panicked|ERROR|SUMMARY|Test unit written' "$log" | head -20 || true
        failed+=("$name")
    fi
    rm -f "$log"
done
((${#failed[@]} == 0)) || { echo "failed: ${failed[*]}"; exit 1; }
