// A static server in the way that Node.js books teach it: one thread that runs JavaScript, and
// files that are read by the threads of a pool. Something to compare ours with.
//
//     node static_server.js ROOT      serves ROOT, and prints LISTENING 127.0.0.1:PORT
'use strict';

const fs = require('fs');
const http = require('http');
const path = require('path');

const root = path.resolve(process.argv[2] || '.');

function refuse(response, status) {
    response.writeHead(status, { 'Content-Length': 0 });
    response.end();
}

const server = http.createServer((request, response) => {
    let name;
    try {
        name = path.join(root, decodeURIComponent(request.url.split('?')[0]));
    } catch {
        return refuse(response, 400);
    }
    fs.stat(name, (error, status) => {
        if (error || !status.isFile() || !name.startsWith(root + path.sep))
            return refuse(response, 404);
        response.writeHead(200, { 'Content-Length': status.size });
        if (request.method === 'HEAD')
            return response.end();
        const file = fs.createReadStream(name, { start: 0 }); // so that it reads with pread(2)
        file.on('error', () => response.destroy());
        response.on('close', () => file.destroy());
        file.pipe(response);
    });
});

server.listen(0, '127.0.0.1', () => console.log(`LISTENING 127.0.0.1:${server.address().port}`));
