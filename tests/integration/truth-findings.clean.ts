/** The five ordinary containers of a clean host. */
export const CLEAN = ['clean-web', 'clean-db', 'clean-build', 'clean-box', 'clean-init'];

/** Applets that the images have as links to busybox, as Alpine's do. */
const APPLETS =
  'sh cp mv rm sleep ln mkdir chmod chown touch cat ls httpd tail date init syslogd crond wc sort grep sed tar gzip gunzip md5sum id ps find true false su env';

/** Removes what an earlier stage left. The engine tells of it in its events until it is started anew. */
export const CLEAR_CLEAN = `
for c in ${CLEAN.join(' ')}; do docker rm -f $c >/dev/null 2>&1 || :; done
docker volume rm clean-data >/dev/null 2>&1 || :`;

/**
 * A web server with logs and a pid file; a database as official images lay it out, with its data in a volume, not as root; a
 * build that unpacked, compiled and ended; a plain busybox; an init with a logger and cron below it. Each image is made of the
 * host's own busybox, since no registry can be reached.
 */
export const STAGE_CLEAN = `
base() {
  rm -rf /root/img && mkdir -p /root/img/bin /root/img/etc /root/img/tmp /root/img/proc /root/img/dev /root/img/root /root/img/run /root/img/var/log /root/img/var/run
  chmod 1777 /root/img/tmp
  cp /bin/busybox /root/img/bin/busybox
  for a in ${APPLETS}; do ln -s busybox /root/img/bin/$a; done
  printf 'root:x:0:0:root:/root:/bin/sh\\nwww-data:x:33:33::/var/www:/bin/false\\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\\n' > /root/img/etc/passwd
  printf 'root:x:0:\\nwww-data:x:33:\\npostgres:x:70:\\n' > /root/img/etc/group
  printf 'root:*:19000:0:99999:7:::\\n' > /root/img/etc/shadow; chmod 640 /root/img/etc/shadow
}
import() { name=$1; shift; tar -C /root/img -c . | docker import "$@" - $name >/dev/null; }

base; mkdir -p /root/img/var/www /root/img/var/log/httpd /root/img/var/cache/httpd
echo '<h1>It works</h1>' > /root/img/var/www/index.html
printf '#!/bin/sh\\necho $$ > /run/httpd.pid\\necho "started" >> /var/log/httpd/error.log\\nexec httpd -f -v -p 80 -h /var/www\\n' > /root/img/bin/start; chmod 755 /root/img/bin/start
import clean/web:1.0 --change 'EXPOSE 80' --change 'CMD ["/bin/start"]'
docker run -d --name clean-web -p 8080:80 clean/web:1.0 >/dev/null

base; mkdir -p /root/img/var/lib/postgresql/data /root/img/usr/local/bin /root/img/run/secrets; chown 70:70 /root/img/var/lib/postgresql/data
cp /bin/busybox /root/img/usr/local/bin/postgres
printf '#!/bin/sh\\necho 16 > /var/lib/postgresql/data/PG_VERSION\\nmkdir -p /var/lib/postgresql/data/base\\necho "listen_addresses = localhost" > /var/lib/postgresql/data/postgresql.conf\\necho "LOG:  database system is ready to accept connections"\\nexec /bin/sleep 100000\\n' > /root/img/usr/local/bin/docker-entrypoint.sh
chmod 755 /root/img/usr/local/bin/docker-entrypoint.sh
import clean/db:16.1 --change 'EXPOSE 5432' --change 'USER postgres' --change 'ENV PGDATA=/var/lib/postgresql/data' --change 'ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]'
docker run -d --name clean-db -v clean-data:/var/lib/postgresql/data -e POSTGRES_PASSWORD_FILE=/run/secrets/db --restart unless-stopped clean/db:16.1 >/dev/null

base; mkdir -p /root/img/src; echo 'int main(void) { return 0; }' > /root/img/src/main.c
import clean/build:2 --change 'WORKDIR /src'
docker run --name clean-build clean/build:2 /bin/sh -c 'mkdir -p /src/out /root/.cache/build /tmp/build.1; tar -c /src/main.c > /tmp/build.1/src.tar; cp /bin/busybox /src/out/app; chmod 755 /src/out/app; echo done > /root/.cache/build/state; rm -r /tmp/build.1; echo "build finished"' >/dev/null

base; import clean/box:1 --change 'CMD ["/bin/sh"]'
docker run -d --name clean-box clean/box:1 /bin/sh -c 'while :; do date > /tmp/now; sleep 5; done' >/dev/null

base; mkdir -p /root/img/var/spool/cron/crontabs
printf '17 * * * * date > /run/last\\n' > /root/img/var/spool/cron/crontabs/root; chmod 600 /root/img/var/spool/cron/crontabs/root
printf '::respawn:/bin/syslogd -n -O /var/log/messages\\n::respawn:/bin/crond -f\\n' > /root/img/etc/inittab
import clean/init:3 --change 'CMD ["/bin/init"]'
docker run -d --name clean-init clean/init:3 >/dev/null
sleep 3`;
