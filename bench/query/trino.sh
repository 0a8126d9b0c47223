#!/usr/bin/env bash
# A real Trino 435 for figures, put together from Maven's parts.
#   trino.sh start DIR PORT FILES    prints its pid; tables lie below FILES as local:///
#   trino.sh stop DIR
# There is no server archive in Maven: the server's jars make a class path, the stock Hive connector
# gets Trino's own local files by a small plugin. Needs Java 17 (JDK), mvn, unzip, curl.
set -euo pipefail
version=435
dir=$2
if [ "$1" = stop ]; then
  [ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2>/dev/null || true
  rm -f "$dir/pid"
  exit 0
fi
port=$3 files=$4
mkdir -p "$dir"/{parts,classes,plugin/files,etc/catalog,data}
cd "$dir"

if [ ! -f parts/complete ]; then
  cat >parts/pom.xml <<XML
<project><modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>trino</artifactId><version>1</version><dependencies>
<dependency><groupId>io.trino</groupId><artifactId>trino-main</artifactId><version>$version</version></dependency></dependencies></project>
XML
  mvn -B -q -f parts/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$dir/parts/server" >&2
  mvn -B -q dependency:copy -Dartifact="io.trino:trino-hive:$version:zip" -DoutputDirectory="$dir/parts" >&2
  unzip -q -o "parts/trino-hive-$version.zip" -d parts
  cp "parts/trino-hive-$version"/*.jar plugin/files/
  rm -f plugin/files/*-services.jar
  touch parts/complete
fi

if [ ! -f plugin/files/own.jar ]; then
  mkdir -p parts/source parts/own/META-INF/services
  cat >parts/source/FilesPlugin.java <<'JAVA'
import io.trino.filesystem.local.LocalFileSystemFactory;
import io.trino.plugin.hive.InternalHiveConnectorFactory;
import io.trino.spi.Plugin;
import io.trino.spi.connector.*;
import java.nio.file.Path;
import java.util.*;

/** The Hive connector over local files. */
public class FilesPlugin implements Plugin {
  @Override public Iterable<ConnectorFactory> getConnectorFactories() { return List.of(new Files()); }

  static class Files implements ConnectorFactory {
    @Override public String getName() { return "files"; }
    @Override public Connector create(String catalog, Map<String, String> config, ConnectorContext context) {
      var rest = new HashMap<>(config);
      var root = Path.of(rest.remove("files.root"));
      return InternalHiveConnectorFactory.createConnector(catalog, rest, context, binder -> {}, Optional.empty(), Optional.of(new LocalFileSystemFactory(root)), Optional.empty());
    }
  }
}
JAVA
  cat >parts/source/Main.java <<'JAVA'
public class Main { public static void main(String[] args) { new io.trino.server.Server().start(args[0]); } }
JAVA
  javac -cp "plugin/files/*:parts/server/*" -d parts/own parts/source/FilesPlugin.java
  echo FilesPlugin >parts/own/META-INF/services/io.trino.spi.Plugin
  jar cf plugin/files/own.jar -C parts/own .
  javac -cp "parts/server/*" -d classes parts/source/Main.java
fi

cat >etc/config.properties <<X
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port=$port
discovery.uri=http://127.0.0.1:$port
X
cat >etc/catalog/awsdatacatalog.properties <<X
connector.name=files
files.root=$files
hive.metastore=file
hive.metastore.catalog.dir=local:///.metastore
hive.metastore.disable-location-checks=true
hive.allow-drop-table=true
X
echo io.trino=ERROR >etc/log.properties
nohup java -Xmx4G -XX:+UseG1GC -Djdk.attach.allowAttachSelf=true -Djdk.nio.maxCachedBufferSize=2000000 -Duser.timezone=UTC -Dfile.encoding=UTF-8 \
  --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED -Dconfig=etc/config.properties -Dlog.levels-file=etc/log.properties \
  -Dnode.environment=bench -Dnode.id=bench -Dnode.data-dir="$dir/data" -Dnode.internal-address=127.0.0.1 -Dplugin.dir="$dir/plugin" \
  -cp "$dir/classes:$dir/parts/server/*" Main "$version" >"$dir/server.log" 2>&1 </dev/null &
echo $! >pid
for _ in $(seq 300); do
  if curl -s -m 3 "http://127.0.0.1:$port/v1/info" 2>/dev/null | grep -q '"starting":false'; then cat pid; exit 0; fi
  kill -0 "$(cat pid)" 2>/dev/null || break
  sleep 1
done
tail -n 20 "$dir/server.log" >&2
exit 1
