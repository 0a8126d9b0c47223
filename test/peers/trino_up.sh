#!/bin/bash
# Starts a real Trino 435 (the peer for Athena SQL) from Maven artifacts on Java 17, waits until it answers, prints its URL.
#   trino_up.sh [start|stop|status]     env: TRINO_HOME (where it lives), TRINO_PORT (28435), TRINO_HEAP (2G)
# Needs java 17, javac and mvn. The first start downloads about 150 MB.
# It is put together from trino-main and its runtime jars with a two-line main class; catalogs: memory (also as awsdatacatalog), tpch.
set -euo pipefail
H=${TRINO_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/trino-oracle}; PORT=${TRINO_PORT:-28435}; HEAP=${TRINO_HEAP:-2G}; V=435
URL=http://127.0.0.1:$PORT
up() { curl -s -m 3 "$URL/v1/info" 2>/dev/null | grep -q '"starting":false'; }
case ${1:-start} in
status) up && echo "$URL" || { echo "not running"; exit 1; }; exit 0;;
stop) [ -f "$H/pid" ] && kill "$(cat "$H/pid")" 2>/dev/null || true; rm -f "$H/pid"; exit 0;;
esac
if up; then echo "$URL"; exit 0; fi
mkdir -p "$H"/{dl,server,plugin,classes,src,etc/catalog,data}; cd "$H"
# What Maven prints, colours included, is not the URL.
maven() { mvn -B -q "$@" >&2; }
MVN=maven
if [ ! -f server/.ok ]; then
  cat > server/pom.xml <<X
<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
<dependencies><dependency><groupId>io.trino</groupId><artifactId>trino-main</artifactId><version>$V</version></dependency></dependencies></project>
X
  (cd server && $MVN dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$H/server/lib") && touch server/.ok
fi
for z in memory tpch; do
  [ -f dl/trino-$z-$V.zip ] || (cd server && $MVN org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact=io.trino:trino-$z:$V:zip -DoutputDirectory="$H/dl")
done
for z in memory tpch; do [ -d plugin/$z ] || { unzip -q dl/trino-$z-$V.zip -d dl && mv dl/trino-$z-$V plugin/$z; }; done
if [ ! -f classes/x/Up.class ]; then
  mkdir -p src/x; echo 'package x; public class Up { public static void main(String[] a) { new io.trino.server.Server().start(a[0]); } }' > src/x/Up.java
  javac -cp "server/lib/*" -d classes src/x/Up.java
fi
cat > etc/config.properties <<X
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port=$PORT
discovery.uri=$URL
X
echo io.trino=WARN > etc/log.properties
for c in awsdatacatalog memory; do echo connector.name=memory > etc/catalog/$c.properties; done
echo connector.name=tpch > etc/catalog/tpch.properties
setsid nohup java -Xmx"$HEAP" -XX:+UseG1GC -Djdk.attach.allowAttachSelf=true -Djdk.nio.maxCachedBufferSize=2000000 --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED \
  -Dfile.encoding=UTF-8 -Duser.timezone=UTC -Dconfig=etc/config.properties -Dlog.levels-file=etc/log.properties -Dlog.enable-console=true -Dnode.environment=oracle -Dnode.id=oracle1 -Dnode.data-dir="$H/data" -Dnode.internal-address=127.0.0.1 \
  -Dplugin.dir="$H/plugin" -cp "$H/classes:$H/server/lib/*" x.Up $V > "$H/server.log" 2>&1 < /dev/null &
echo $! > "$H/pid"
for i in $(seq 1 240); do up && { echo "$URL"; exit 0; }; kill -0 "$(cat "$H/pid")" 2>/dev/null || { echo "Trino stopped; see $H/server.log" >&2; tail -5 "$H/server.log" >&2; exit 1; }; sleep 1; done
echo "not ready after 240 s; see $H/server.log" >&2; exit 1
