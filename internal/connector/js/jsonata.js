// Glue between the JSONata library (global `jsonata`) and Go (global `host`).
// `host` offers what newSession in session.go puts there.
(function () {
    'use strict';

    const list = Array.isArray;

    // ---- limits: whatever makes one big value out of few steps is metered

    function metered(owner, name, cost) {
        const plain = owner[name];
        Object.defineProperty(owner, name, {
            writable: true, configurable: true, enumerable: false,
            value: function (...args) {
                host.meter(cost(this, args));
                return plain.apply(this, args);
            },
        });
    }

    const slot = 16; // bytes an array spends on an element

    metered(String.prototype, 'concat', (text, args) =>
        args.reduce((n, a) => n + (typeof a === 'string' ? a.length : 0), text.length));
    metered(Array.prototype, 'concat', (items, args) =>
        slot * args.reduce((n, a) => n + (list(a) ? a.length : 1), items.length));
    metered(Array.prototype, 'join', (items, args) => {
        const gap = args.length > 0 ? String(args[0]).length : 1;
        let n = gap * items.length;
        host.meter(n); // before looking at every element
        for (const item of items) {
            n += typeof item === 'string' ? item.length : 8;
        }
        return n;
    });

    function weight(value) {
        if (typeof value === 'string') {
            return value.length;
        }
        if (value === null || typeof value !== 'object' || value._jsonata_function || value._jsonata_lambda) {
            return 8;
        }
        let n = 0;
        if (list(value)) {
            for (const item of value) {
                n += weight(item);
            }
        } else {
            for (const key in value) {
                n += key.length + weight(value[key]);
            }
        }
        host.glance(n); // stop early when one value holds another many times
        return n;
    }
    metered(JSON, 'stringify', (_, args) => weight(args[0]));

    // $replace builds its answer by appending: its matches and its replacements are metered.
    function boundedReplace(replace) {
        return function (text, pattern, replacement, limit) {
            if (typeof text !== 'string' || pattern === undefined) {
                return replace.call(this, text, pattern, replacement, limit);
            }
            let total = text.length;
            const spend = n => { total += n; host.glance(total); };
            if (typeof pattern === 'string') {
                if (pattern.length > 0 && typeof replacement === 'string' && replacement.length > pattern.length) {
                    for (let i = text.indexOf(pattern); i >= 0; i = text.indexOf(pattern, i + pattern.length)) {
                        spend(replacement.length);
                    }
                }
                return replace.call(this, text, pattern, replacement, limit);
            }
            const signs = typeof replacement === 'string' ? replacement.split('$').length - 1 : 0;
            const seen = match => {
                if (match && typeof match.match === 'string' && typeof replacement === 'string') {
                    spend(replacement.length + signs * match.match.length);
                }
                return match && typeof match.next === 'function'
                    ? { ...match, next: () => seen(match.next()) } : match;
            };
            const watched = s => {
                const match = pattern(s);
                return match && typeof match.then === 'function' ? match.then(seen) : seen(match);
            };
            return replace.call(this, text, watched, replacement, limit);
        };
    }

    // The engine gives up a pattern that backtracks for too long and reports no
    // match; that must not pass for an answer.
    class Watched {
        constructor(pattern) {
            this.engine = new RegExp(pattern);
        }

        get lastIndex() {
            return this.engine.lastIndex;
        }

        set lastIndex(at) {
            this.engine.lastIndex = at;
        }

        exec(text) {
            const began = host.clock();
            const match = this.engine.exec(text);
            if (match === null) {
                host.matched(began);
            }
            return match;
        }
    }

    // ---- AWS's dialect
    // AWS documents the functions, not what they make of odd arguments. That is as
    // floci's tests against AWS have it (JsonataEvaluator.java, August 2026).

    const fits = (good, index) => {
        if (!good) {
            throw { code: 'T0410', index: index };
        }
    };
    const nothingAfter = (count, more) => fits(more.every(x => x === undefined), count + 1);

    // whole rounds towards zero.
    function whole(x, index) {
        fits(typeof x === 'number', index);
        return Math.trunc(x);
    }

    function partition(items, size, ...more) {
        nothingAfter(2, more);
        if (items === undefined) {
            return undefined;
        }
        if (!list(items)) {
            throw { code: 'T0412', index: 1 };
        }
        if (items.length === 0) {
            return undefined;
        }
        if (size === undefined) {
            return [items];
        }
        const n = whole(size, 2);
        if (n < 0) {
            throw { code: 'D3137', message: 'Second argument must be zero or greater' };
        }
        return n === 0 ? undefined : host.partition(items, n);
    }

    // range answers one element bare, as a sequence of one.
    function range(first, last, step, ...more) {
        nothingAfter(3, more);
        const from = whole(first, 1), to = whole(last, 2);
        if (step === undefined) {
            return undefined;
        }
        const by = whole(step, 3);
        if (by === 0 || (to - from) * by < 0) {
            return undefined;
        }
        return Math.abs(to - from) < Math.abs(by) ? from : host.range(from, to, by);
    }

    function hash(text, algorithm, ...more) {
        nothingAfter(2, more);
        fits(typeof text === 'string', 1);
        if (algorithm === undefined) {
            return undefined;
        }
        fits(typeof algorithm === 'string', 2);
        const sum = host.hash(text, algorithm);
        if (sum === '') {
            throw { code: 'D3137', message: `Hash algorithm '${algorithm}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5` };
        }
        return sum;
    }

    function random(seed, ...more) {
        nothingAfter(1, more);
        return seed === undefined ? Math.random() : host.random(whole(seed, 1));
    }

    function uuid(...more) {
        nothingAfter(0, more);
        return host.uuid();
    }

    function parse(text, ...more) {
        nothingAfter(1, more);
        if (text === undefined) {
            return undefined;
        }
        fits(typeof text === 'string', 1);
        const value = host.parse(text);
        if (value === undefined) {
            throw { code: 'D3137', message: 'Invalid JSON' };
        }
        return value;
    }

    const dialect = [
        // the library's own pair wants a browser or Node, and spoils what is not Latin-1
        ['base64encode', text => text === undefined ? undefined : host.base64encode(text), '<s-:s>'],
        ['base64decode', text => text === undefined ? undefined : host.base64decode(text), '<s-:s>'],
        ['partition', partition],
        ['range', range],
        ['hash', hash],
        ['random', random],
        ['uuid', uuid],
        ['parse', parse],
    ];

    // ---- what an expression refers to

    // references lists what the expression takes from outside: free variables with
    // the names that follow, functions called, and names read with no context item.
    function references(ast) {
        const found = { variables: [], functions: [], names: [], range: false, parent: false };

        function variable(node, scope, path) {
            if (!scope.has(node.value)) {
                found.variables.push({ name: node.value, path: path, position: node.position || 0 });
            }
        }

        function follow(steps) {
            const path = [];
            for (const step of steps) {
                if (step.type !== 'name' || step.group || step.focus) {
                    break;
                }
                path.push(step.value);
                if (step.predicate || step.stages) {
                    break;
                }
            }
            return path;
        }

        function each(nodes, scope, context) {
            (nodes || []).forEach(n => walk(n, scope, context));
        }

        function pairs(group, scope, context) {
            (group.lhs || []).forEach(p => each(p, scope, context));
        }

        function attached(node, scope) {
            each(node.predicate, scope, true);
            each(node.stages, scope, true);
            if (node.group) {
                pairs(node.group, scope, true);
            }
        }

        // context: there is an item that a bare name reads from
        function walk(node, scope, context) {
            if (!node || typeof node !== 'object') {
                return;
            }
            switch (node.type) {
            case 'path':
                node.steps.forEach((step, i) => {
                    if (i === 0 && step.type === 'variable') {
                        if (step.value !== '' || !context) {
                            variable(step, scope, step.predicate || step.group || step.focus ? [] : follow(node.steps.slice(1)));
                        }
                        attached(step, scope);
                    } else {
                        walk(step, scope, context || i > 0);
                    }
                    // a focus or index variable (@$x, #$i) is known from here on
                    for (const bound of [step.focus, step.index]) {
                        if (bound && typeof bound === 'string') {
                            scope = new Set(scope).add(bound);
                        }
                    }
                    if (step.stages) {
                        step.stages.forEach(s => { if (s.type === 'index') { scope = new Set(scope).add(s.value); } });
                    }
                });
                if (node.group) {
                    pairs(node.group, scope, true);
                }
                return;
            case 'variable':
                if (node.value !== '' || !context) {
                    variable(node, scope, []);
                }
                break;
            case 'name':
                if (!context) {
                    found.names.push({ name: node.value, path: [], position: node.position || 0 });
                }
                break;
            case 'function':
            case 'partial':
                if (node.procedure.type === 'variable') {
                    if (!scope.has(node.procedure.value)) {
                        found.functions.push({ name: node.procedure.value, path: [], position: node.procedure.position || 0 });
                    }
                } else {
                    walk(node.procedure, scope, context);
                }
                each(node.arguments, scope, context);
                break;
            case 'lambda': {
                const inner = new Set(scope);
                node.arguments.forEach(a => inner.add(a.value));
                walk(node.body, inner, context);
                break;
            }
            case 'block': {
                const inner = new Set(scope);
                each(node.expressions, inner, context);
                break;
            }
            case 'bind':
                // a function may call itself, so the name counts inside its own body
                if (node.rhs.type === 'lambda') {
                    scope.add(node.lhs.value);
                }
                walk(node.rhs, scope, context);
                scope.add(node.lhs.value);
                break;
            case 'condition':
                walk(node.condition, scope, context);
                walk(node.then, scope, context);
                walk(node.else, scope, context);
                break;
            case 'binary':
                found.range = found.range || node.value === '..';
                walk(node.lhs, scope, context);
                walk(node.rhs, scope, context);
                break;
            case 'apply':
                walk(node.lhs, scope, context);
                if (node.rhs.type === 'variable') {
                    if (!scope.has(node.rhs.value)) {
                        found.functions.push({ name: node.rhs.value, path: [], position: node.rhs.position || 0 });
                    }
                } else {
                    walk(node.rhs, scope, context);
                }
                break;
            case 'unary':
                if (node.value === '{') {
                    pairs(node, scope, context);
                } else {
                    each(node.expressions, scope, context);
                    walk(node.expression, scope, context);
                }
                break;
            case 'transform':
                walk(node.pattern, scope, true);
                walk(node.update, scope, true);
                walk(node.delete, scope, true);
                break;
            case 'sort':
                node.terms.forEach(t => walk(t.expression, scope, true));
                break;
            case 'parent':
                found.parent = true;
                break;
            case 'filter':
                walk(node.expr, scope, true);
                break;
            }
            attached(node, scope);
        }

        walk(ast, new Set(), false);
        return found;
    }

    // ---- entry points

    function rangeMeter(node, input, env, result) {
        if (node.type === 'binary' && node.value === '..' && list(result)) {
            host.meter(slot * result.length);
        }
    }

    return {
        // compile throws {code, message, position}.
        compile: function (text, stack, sequence) {
            const program = jsonata(text, { stack: stack, sequence: sequence, RegexEngine: Watched });
            const refs = references(program.ast());
            for (const [name, implementation, signature] of dialect) {
                program.registerFunction(name, implementation, signature);
            }
            program.assign('eval', undefined);
            if (refs.functions.some(f => f.name === 'replace')) {
                program.registerFunction('replace', boundedReplace(host.replace), '<s-(sf)(sf)n?:s>');
            }
            if (refs.range) {
                program.assign(Symbol.for('jsonata.__evaluate_exit'), rangeMeter);
            }
            return { evaluate: (input, bindings) => program.evaluate(input, bindings), references: JSON.stringify(refs) };
        },
        replace: async function () {
            // the library's own function, which only an expression can reach
            return (await jsonata('$replace').evaluate()).implementation;
        },
    };
})()
