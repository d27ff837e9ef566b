# Sources each file named on stdin, one a line, in a subshell of its own and prints NAME and OTHER, each with a mark of
# whether it is set. The callers hand it files that can run nothing; there is no PATH and nothing to run.
while IFS= read -r file; do
    (
        unset OKX_PASSPHRASE OKX_API_KEY
        source "$file" >/dev/null 2>&1
        printf '%s\0%s\0%s\0%s\0' "${OKX_PASSPHRASE+set}" "$OKX_PASSPHRASE" "${OKX_API_KEY+set}" "$OKX_API_KEY"
    ) || printf '\0\0\0\0'
done
