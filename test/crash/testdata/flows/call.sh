# A function that keeps a ledger of its calls, one line each for begin and end:
# who, the attempt's token, the process of the owner, the time in ns.
# The first "fail" attempts of one who fail; one that is repeated fares as before.
event=$(cat)
field() { printf %s "$event" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
who=$(field who)
note() { printf '%s %s %s %s %s\n' "$1" "$who" "$MULGIL_CLIENT_TOKEN" "$PPID" "$(date +%s%N)" >>"$LEDGER"; }
note begin
sleep "$(field nap)"
attempt=$(awk -v who="$who" -v token="$MULGIL_CLIENT_TOKEN" '$1 == "begin" && $2 == who && !seen[$3]++ {n++} $3 == token {print n; exit}' "$LEDGER")
note end
if [ "$attempt" -le "$(field fail)" ]; then
  echo '{"errorType": "NotYet", "errorMessage": "try again"}'
  exit 1
fi
echo "{\"did\": \"$who\"}"
